//! Which addresses are of the open internet.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 in which no stranger's server is: <https://www.iana.org/assignments/iana-ipv4-special-registry>,
/// and what lies beside it.
const CLOSED_V4: [(Ipv4Addr, u32); 17] = [
    // "This network".
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Behind the address translation of carriers; a cloud keeps its metadata in it.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // The wire server of Azure, which every machine there reaches.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    // Link-local, and the metadata of most clouds.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    // Protocol assignments, and the metadata of a cloud.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation.
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    // Relays from IPv6, given up.
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Benchmarks.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Documentation.
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(233, 252, 0, 0), 24),
    // Multicast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and broadcast.
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The one network of IPv6 from which addresses of the open internet are given out. Beside it lie loopback, mapped and
/// compatible IPv4, NAT64 (well-known and local), discard-only, unique-local, link-local, site-local and multicast.
const OPEN_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// What in it is none: <https://www.iana.org/assignments/iana-ipv6-special-registry>.
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    // Protocol assignments: Teredo, benchmarks, ORCHID.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4, which holds any address of IPv4.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
];

/// Whether an address is one of the open internet.
pub(super) fn is_open(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_V4.iter().any(|network| holds_v4(*network, address)),
        IpAddr::V6(address) => {
            holds_v6(OPEN_V6, address) && !CLOSED_V6.iter().any(|network| holds_v6(*network, address))
        }
    }
}

fn holds_v4((network, prefix): (Ipv4Addr, u32), address: Ipv4Addr) -> bool {
    (network.to_bits() ^ address.to_bits()).leading_zeros() >= prefix
}

fn holds_v6((network, prefix): (Ipv6Addr, u32), address: Ipv6Addr) -> bool {
    (network.to_bits() ^ address.to_bits()).leading_zeros() >= prefix
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[track_caller]
    fn judged(addresses: &str, open: bool) {
        for address in addresses.split_whitespace() {
            assert_eq!(is_open(address.parse().unwrap()), open, "{address}");
        }
    }

    #[test]
    fn every_closed_network_ends_where_it_ends() {
        judged("0.0.0.0 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1", false);
        judged("127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192", false);
        judged("192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9", false);
        judged("224.0.0.1 233.252.0.1 239.255.255.255 240.0.0.1 255.255.255.255 100.100.100.200", false);
        judged("1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0", true);
        judged("168.63.129.15 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0", true);
        judged("192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 8.8.8.8", true);
    }

    #[test]
    fn no_form_of_ipv6_hides_an_address_of_ipv4() {
        judged(
            ":: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::10.0.0.1",
            false,
        );
        judged("64:ff9b::8.8.8.8 64:ff9b:1::a00:1 100::1 2001::1 2001:2::1 2001:20::1 2001:db8::1", false);
        judged(
            "2002:7f00:1:: 2002:808:808:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1",
            false,
        );
        judged("2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450::1 2001:200::1 3fff:1000::1", true);
    }
}
