//! The store's orders against Stripe's own ledger, both ways.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;
use standin::Payment;

use crate::process::Result;
use crate::server::text;

/// Where an order's money was captured.
const CAPTURED: [&str; 4] = ["paid", "partially_refunded", "refunded", "disputed"];

/// The provider of orders that store credit pays.
const CREDIT: &str = "credit";

/// What the comparison came to.
#[derive(Debug, Default)]
pub(super) struct Compared {
    orders: usize,
    paid: usize,
    captured: usize,
    returned: usize,
    refunded: i64,
    pub(super) differences: Vec<String>,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} orders, {} of them paid; Stripe captured {} payments, returned {} that no order waited for, and gave {} \
             cents back in all; {} differences",
            self.orders,
            self.paid,
            self.captured,
            self.returned,
            self.refunded,
            self.differences.len()
        )
    }
}

/// Each captured payment has its order, which is paid, or whose money went back; each paid order its captured payment; and
/// as much was given back there as here, but for what became store credit: minor units by order.
pub(super) fn compare(
    payments: &[Payment],
    orders: &[Value],
    as_credit: &HashMap<String, i64>,
) -> Result<Compared> {
    let mut by_id: HashMap<&str, Vec<&Payment>> = HashMap::new();
    for payment in payments {
        by_id.entry(payment.payment_id.as_str()).or_default().push(payment);
    }
    let captured = payments.iter().filter(|payment| payment.captured);
    let mut compared = Compared {
        orders: orders.len(),
        captured: captured.count(),
        refunded: payments.iter().map(|payment| payment.refunded).sum(),
        ..Compared::default()
    };
    for order in orders {
        let theirs = by_id.remove(text(order, "/payment/id")?).unwrap_or_default();
        let as_credit = as_credit.get(text(order, "/id")?).copied().unwrap_or_default();
        if let Some(difference) = judge(order, &theirs, as_credit, &mut compared)? {
            compared.differences.push(format!("order {}: {difference}", text(order, "/id")?));
        }
    }
    let stray = by_id.into_values().flatten();
    compared.differences.extend(stray.map(|payment| format!("{payment:?} is of no order")));
    Ok(compared)
}

fn judge(
    order: &Value,
    theirs: &[&Payment],
    as_credit: i64,
    compared: &mut Compared,
) -> Result<Option<String>> {
    let status = text(order, "/status")?;
    let ours = CAPTURED.contains(&status);
    compared.paid += usize::from(ours);
    let payment = match theirs {
        // Store credit paid all of it.
        [] if ours && text(order, "/payment/provider")? == CREDIT => return Ok(None),
        [] if ours => return Ok(Some("it is paid, and Stripe has no payment".to_owned())),
        [] => return Ok(None),
        [payment] => payment,
        several => return Ok(Some(format!("it has {} payments", several.len()))),
    };
    let total = amount(order, "/total/amount")? - amount(order, "/credit/amount").unwrap_or_default();
    Ok(if payment.amount != total || payment.currency != text(order, "/total/currency")? {
        Some(format!("it costs {total}, and {payment:?}"))
    } else if ours {
        let back = given_back(order)? - as_credit;
        let agree = payment.captured && payment.refunded == back;
        (!agree).then(|| format!("it is {status} with {back} given back, and {payment:?}"))
    } else if payment.captured {
        compared.returned += 1;
        let back = payment.refunded == payment.amount;
        (!back).then(|| format!("it is {status}, and {payment:?}"))
    } else {
        None
    })
}

fn given_back(order: &Value) -> Result<i64> {
    let items = order.pointer("/items").and_then(Value::as_array).ok_or("no items")?;
    let refunded = items.iter().filter(|item| item.pointer("/refunded") == Some(&Value::Bool(true)));
    refunded.map(|item| amount(item, "/total/amount")).sum()
}

fn amount(value: &Value, pointer: &str) -> Result<i64> {
    value.pointer(pointer).and_then(Value::as_i64).ok_or_else(|| format!("no {pointer} in {value}").into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payment(captured: bool, refunded: i64) -> Payment {
        let (session, payment_id, currency) = ("cs_1".to_owned(), "p".to_owned(), "USD".to_owned());
        Payment { session, payment_id, amount: 500, currency, captured, refunded }
    }

    fn order(status: &str, refunded: bool) -> Value {
        let total = json!({"amount": 500, "currency": "USD"});
        let items = json!([{"refunded": refunded, "total": total}]);
        json!({"id": "o", "status": status, "total": total, "items": items, "payment": {"id": "p", "provider": "stripe"}})
    }

    #[test]
    fn every_way_in_which_two_ledgers_differ_is_seen() {
        let differs = |payments: &[Payment], orders: &[Value]| {
            !compare(payments, orders, &HashMap::new()).unwrap().differences.is_empty()
        };
        assert!(!differs(&[payment(true, 0)], &[order("paid", false)]));
        assert!(!differs(&[payment(true, 500)], &[order("refunded", true)]));
        assert!(!differs(&[payment(true, 500)], &[order("cancelled", false)]), "it went back");
        assert!(!differs(&[payment(false, 0)], &[order("pending", false)]));
        assert!(differs(&[payment(true, 0)], &[]), "money of no order");
        assert!(differs(&[payment(true, 0)], &[order("pending", false)]));
        assert!(differs(&[payment(true, 0)], &[order("cancelled", false)]));
        assert!(differs(&[payment(false, 0)], &[order("paid", false)]));
        assert!(differs(&[], &[order("paid", false)]));
        assert!(differs(&[payment(true, 0)], &[order("refunded", true)]), "not given back yet");
        assert!(differs(&[payment(true, 0), payment(true, 0)], &[order("paid", false)]), "paid twice");
    }

    #[test]
    fn store_credit_is_no_money_of_stripes() {
        let differs = |payments: &[Payment], order: &Value, as_credit: i64| {
            let as_credit = HashMap::from([("o".to_owned(), as_credit)]);
            !compare(payments, std::slice::from_ref(order), &as_credit).unwrap().differences.is_empty()
        };
        let with = |mut order: Value, member: &str, value: Value| {
            order.as_object_mut().unwrap().insert(member.to_owned(), value);
            order
        };
        let by_credit = json!({"id": "p", "provider": "credit"});
        assert!(!differs(&[], &with(order("paid", false), "payment", by_credit), 0), "all of it was credit");
        assert!(!differs(&[payment(true, 300)], &order("refunded", true), 200), "some of it became credit");
        assert!(differs(&[payment(true, 500)], &order("refunded", true), 200), "and went back as well");
        let partly = with(order("paid", false), "credit", json!({"amount": 100, "currency": "USD"}));
        assert!(differs(&[payment(true, 0)], &partly, 0), "more was captured than was left to pay");
    }
}
