//! What SES says became of a mail, in either of its forms: that of notifications, and that of events.
use serde::Deserialize;

use crate::{mail::Reason, values::Email};

/// Recipients that are looked at: a mail by SES has at most fifty.
const MOST_RECIPIENTS: usize = 50;

/// An event: `eventType` by a configuration set, `notificationType` by an identity.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(alias = "notificationType")]
    event_type: String,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: String,
    #[serde(default)]
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complaint_feedback_type: Option<String>,
    #[serde(default)]
    complained_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

/// Which addresses are to be mailed no more, and why; none of whatever else SES says.
pub(super) fn read(text: &str) -> Option<(Reason, Vec<Email>)> {
    let told: Told = serde_json::from_str(text).ok()?;
    let (reason, recipients) = match (told.event_type.as_str(), told.bounce, told.complaint) {
        ("Bounce", Some(bounce), _) if bounce.bounce_type == "Permanent" => {
            (Reason::Bounce, bounce.bounced_recipients)
        }
        // Somebody took the mail out of the folder of unwanted ones.
        ("Complaint", _, Some(Complaint { complaint_feedback_type: Some(kind), .. }))
            if kind == "not-spam" =>
        {
            return None;
        }
        ("Complaint", _, Some(complaint)) => (Reason::Complaint, complaint.complained_recipients),
        _ => return None,
    };
    let addresses = recipients.iter().take(MOST_RECIPIENTS);
    Some((reason, addresses.filter_map(|recipient| address(&recipient.email_address)).collect()))
}

/// An address, bare or behind a name.
fn address(text: &str) -> Option<Email> {
    let bare = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches(['>', ' ']));
    Email::parse(bare).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_complaint_and_what_is_none_of_ours_says_nothing() {
        let recipients = json!([{"emailAddress": "Ada <Ada@Example.com>"}, {"emailAddress": "nonsense"}]);
        let complaint = |kind: &str| {
            let complaint = json!({"complaintFeedbackType": kind, "complainedRecipients": recipients});
            read(&json!({"eventType": "Complaint", "complaint": complaint}).to_string())
        };
        let ada = Email::parse("ada@example.com").unwrap();
        assert_eq!(complaint("abuse"), Some((Reason::Complaint, vec![ada])));
        assert_eq!(complaint("not-spam"), None);
        for text in ["", "{}", "Successfully validated SNS topic", r#"{"eventType": "Bounce"}"#] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
