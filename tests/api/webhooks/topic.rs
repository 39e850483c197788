//! Events published to a topic of Amazon SNS, as those see them who subscribe to it: against moto.
use chrono::Duration;
use mist::{background, config::Secret};
use queue::State;
use serde_json::{Value, json};

use super::receiver::{Manner, Receiver};
use crate::{
    checkout::shop::{Shop, buy},
    support::{TestApp, aws::Server},
};

/// The address of a topic of that name, there or not.
fn arn(name: &str) -> String {
    format!("arn:aws:sns:eu-central-1:123456789012:{name}")
}

/// Makes a topic.
fn topic(aws: &Server, name: &str) -> String {
    let made = aws.call("sns", "create_topic", json!({"Name": name}));
    assert_eq!(made["TopicArn"], arn(name));
    arn(name)
}

/// A queue that gets what passes a filter.
fn subscribed(aws: &Server, topic: &str, name: &str, filter: &Value) -> String {
    let queue = aws.call("sqs", "create_queue", json!({"QueueName": name}))["QueueUrl"].clone();
    let known = json!({"QueueUrl": queue, "AttributeNames": ["QueueArn"]});
    let known = aws.call("sqs", "get_queue_attributes", known);
    let subscription = json!({
        "TopicArn": topic, "Protocol": "sqs", "Endpoint": known["Attributes"]["QueueArn"],
        "Attributes": {"FilterPolicy": filter.to_string()},
    });
    aws.call("sns", "subscribe", subscription);
    queue.as_str().unwrap().to_owned()
}

/// What lies in a queue: attributes and message of each.
fn received(aws: &Server, queue: &str) -> Vec<(Value, Value)> {
    let asked = json!({"QueueUrl": queue, "MaxNumberOfMessages": 10});
    let answer = aws.call("sqs", "receive_message", asked);
    let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
    let read = |text: &Value| serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap();
    let envelopes = messages.iter().map(|message| read(&message["Body"]));
    envelopes.map(|envelope| (envelope["MessageAttributes"].clone(), read(&envelope["Message"]))).collect()
}

/// Follows the event log and runs the jobs of it.
async fn publish(app: &TestApp) {
    background::tick(&app.app, "events").await.unwrap();
    app.run_jobs().await;
}

/// The jobs that publish: where they stand, and why they failed.
async fn jobs(app: &TestApp) -> Vec<(State, String)> {
    let all = queue::Filter { kind: Some("event_publish".to_owned()), ..queue::Filter::default() };
    let jobs = queue::list(&app.app.db.read, &all).await.unwrap();
    jobs.into_iter().map(|job| (job.state, job.last_error.unwrap_or_default())).collect()
}

#[tokio::test]
async fn subscribers_get_what_passes_their_filters() {
    let aws = Server::start();
    let events = topic(&aws, "events");
    let paid = subscribed(&aws, &events, "paid", &json!({"type": ["order.paid"]}));
    let games = subscribed(&aws, &events, "games", &json!({"product_kind": ["game"]}));
    let books = subscribed(&aws, &events, "books", &json!({"product_kind": ["ebook"]}));
    let shop = Shop::with(|config| aws.publish(config, &events)).await;
    let product = shop.sell("Celeste", 900).await;
    let order = buy(&shop.ada, &[product]).await;
    publish(&shop.app).await;

    let told = received(&aws, &paid);
    assert_eq!(told.len(), 1, "{told:#?}");
    let (attributes, message) = &told[0];
    assert_eq!(attributes["type"], json!({"Type": "String", "Value": "order.paid"}));
    assert_eq!(attributes["account_id"]["Value"], json!(shop.ada.account_id()));
    assert!(attributes["event_id"]["Value"].as_str().is_some_and(|id| id.len() == 36), "{attributes}");
    assert_eq!((&message["type"], &message["data"]["order_id"]), (&json!("order.paid"), &order["id"]));
    assert!(!message.to_string().contains('@'), "{message}");

    let told = received(&aws, &games);
    let mut kinds: Vec<&Value> = told.iter().map(|(attributes, _)| &attributes["type"]["Value"]).collect();
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(kinds, ["entitlement.granted", "product.published"]);
    assert!(told.iter().all(|(attributes, _)| attributes["product_id"]["Value"] == json!(product)));
    assert_eq!(received(&aws, &books).len(), 0);
}

#[tokio::test]
async fn what_a_topic_does_not_take_is_published_once_it_does() {
    let aws = Server::start();
    let shop = Shop::with(|config| aws.publish(config, &arn("late"))).await;
    shop.sell("Celeste", 900).await;
    publish(&shop.app).await;
    let waiting = jobs(&shop.app).await;
    assert!(!waiting.is_empty() && waiting.iter().all(|(state, _)| *state == State::Ready), "{waiting:?}");
    assert!(waiting.iter().any(|(_, why)| why.contains("SNS answered 404")), "{waiting:?}");

    let mut failing = Receiver::new(Manner::Status(500)).await;
    let down = shop.app.another_copy_with(|config| {
        config.topic.endpoint = Some(failing.url.split("/hook").next().unwrap().parse().unwrap());
    });
    let down = down.await;
    shop.app.advance(Duration::minutes(1));
    down.run_jobs().await;
    failing.arrival().await;
    let waiting = jobs(&shop.app).await;
    assert!(waiting.iter().all(|(state, _)| *state == State::Ready), "{waiting:?}");
    assert!(waiting.iter().any(|(_, why)| why.contains("SNS answered 500")), "{waiting:?}");

    let late = topic(&aws, "late");
    let queue = subscribed(&aws, &late, "late", &json!({"type": ["product.published"]}));
    shop.app.advance(Duration::minutes(1));
    shop.app.run_jobs().await;
    assert_eq!(received(&aws, &queue).len(), 1);
    assert!(jobs(&shop.app).await.iter().all(|(state, _)| *state == State::Done));
    publish(&shop.app).await;
    assert_eq!(received(&aws, &queue).len(), 0, "what was published is not again");
}

#[tokio::test]
async fn only_the_events_of_the_settings_are_published_and_by_a_key_that_is_believed() {
    let aws = Server::start();
    let events = topic(&aws, "events");
    let shop = Shop::with(|config| {
        aws.publish(config, &events);
        config.topic.events = vec!["order.paid".to_owned()];
        config.topic.secret_access_key = Some(Secret::new("another"));
    })
    .await;
    buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
    publish(&shop.app).await;
    let waiting = jobs(&shop.app).await;
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert!(waiting[0].1.contains("SNS answered 403"), "{waiting:?}");
    assert!(waiting[0].1.contains("SignatureDoesNotMatch"), "{waiting:?}");
}

#[tokio::test]
async fn without_a_topic_nothing_is_published() {
    let shop = Shop::new().await;
    buy(&shop.ada, &[shop.sell("Celeste", 900).await]).await;
    publish(&shop.app).await;
    assert_eq!(jobs(&shop.app).await, []);
}
