//! A currency and how many digits its minor unit has.
use super::{Invalid, text_value};
use crate::error::Error;

/// ISO 4217, upper case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Currency(String);

text_value!(Currency, "currency", 3, 3, "USD");

/// The currencies of ISO 4217 in use whose minor unit is a hundredth.
const HUNDREDTHS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";
/// Those without a minor unit.
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Those whose minor unit is a thousandth.
const THOUSANDTHS: &str = "BHD IQD JOD KWD LYD OMR TND";

impl Currency {
    /// Reads a code in either case; `invalid_currency` unless it is in use.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let code = text.to_ascii_uppercase();
        let known = |list: &str| list.split(' ').any(|known| known == code);
        if known(HUNDREDTHS) || known(WHOLE) || known(THOUSANDTHS) {
            Ok(Self(code))
        } else {
            Err(Invalid::new("invalid_currency", "is not a currency of ISO 4217"))
        }
    }

    /// Reads a code that the store itself wrote.
    pub fn stored(code: &str) -> Result<Self, Error> {
        Self::parse(code).map_err(|invalid| Error::unexpected(invalid.message))
    }

    /// Digits of the minor unit: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn exponent(&self) -> u32 {
        let listed = |list: &str| list.split(' ').any(|known| known == self.0);
        if listed(WHOLE) {
            0
        } else if listed(THOUSANDTHS) {
            3
        } else {
            2
        }
    }
}
