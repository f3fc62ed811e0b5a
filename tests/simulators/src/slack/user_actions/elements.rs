//! Interactive elements: where they are, and the wire format of a person's choice.

use serde_json::{Map, Value, json};

use super::UserActionError;

/// An element and its block.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) block_id: String,
    pub(super) element: Value,
}

impl Found {
    pub(super) fn action_id(&self) -> &str {
        self.element.get("action_id").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn kind(&self) -> &str {
        self.element.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn label(&self) -> String {
        label_of(&self.element)
    }
}

/// The readable label of an element or option.
pub(crate) fn label_of(element: &Value) -> String {
    let text = element.get("text").or_else(|| element.get("placeholder"));
    let text = text.and_then(|text| text.get("text")).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// Everything that can be pressed or filled in.
pub(super) fn all(blocks: &[Value]) -> Vec<Found> {
    let mut found = Vec::new();
    for block in blocks {
        let block_id = block.get("block_id").and_then(Value::as_str).unwrap_or_default();
        let mut take = |element: &Value| {
            if element.get("action_id").is_some() {
                let element = element.clone();
                found.push(Found { block_id: block_id.to_owned(), element });
            }
        };
        for element in block.get("elements").and_then(Value::as_array).into_iter().flatten() {
            take(element);
        }
        for name in ["accessory", "element"] {
            if let Some(element) = block.get(name) {
                take(element);
            }
        }
    }
    found
}

/// Every option of a select, overflow, radio or checkbox element.
pub(crate) fn options_of(element: &Value) -> Vec<Value> {
    let plain = element.get("options").and_then(Value::as_array).into_iter().flatten();
    let grouped = element.get("option_groups").and_then(Value::as_array).into_iter().flatten();
    let grouped =
        grouped.filter_map(|group| group.get("options").and_then(Value::as_array)).flatten();
    plain.chain(grouped).cloned().collect()
}

/// The part of an action, or of `state.values`, that contains the choice.
pub(super) fn chosen(
    element: &Value,
    values: &[String],
) -> Result<Map<String, Value>, UserActionError> {
    let kind = element.get("type").and_then(Value::as_str).unwrap_or_default();
    let options = options_of(element);
    let option = |wanted: &String| {
        options
            .iter()
            .find(|option| {
                option.get("value").and_then(Value::as_str) == Some(wanted)
                    || label_of(option) == *wanted
            })
            .cloned()
            .ok_or_else(|| UserActionError::NoOption(wanted.clone()))
    };
    let one = values.first();
    let (name, value) = match kind {
        "static_select" | "external_select" | "radio_buttons" | "overflow" => {
            ("selected_option", one.map(option).transpose()?.unwrap_or(Value::Null))
        }
        "multi_static_select" | "multi_external_select" | "checkboxes" => {
            let all: Vec<Value> = values.iter().map(option).collect::<Result<_, _>>()?;
            ("selected_options", json!(all))
        }
        "users_select" => ("selected_user", json!(one)),
        "multi_users_select" => ("selected_users", json!(values)),
        "channels_select" => ("selected_channel", json!(one)),
        "conversations_select" => ("selected_conversation", json!(one)),
        "multi_channels_select" => ("selected_channels", json!(values)),
        "multi_conversations_select" => ("selected_conversations", json!(values)),
        "datepicker" => ("selected_date", json!(one)),
        "timepicker" => ("selected_time", json!(one)),
        "datetimepicker" => {
            let seconds = one.map(|text| text.parse::<i64>());
            let seconds = seconds.transpose().map_err(|_| {
                UserActionError::Input(kind.to_owned(), "seconds since 1970 are needed".to_owned())
            })?;
            ("selected_date_time", json!(seconds))
        }
        _ => ("value", json!(one)),
    };
    Ok(Map::from_iter([(name.to_owned(), value)]))
}

/// The values that the app preset.
pub(super) fn initial(element: &Value) -> Vec<String> {
    let text = |name: &str| match element.get(name) {
        Some(Value::String(text)) => Some(vec![text.clone()]),
        Some(Value::Number(number)) => Some(vec![number.to_string()]),
        Some(Value::Array(items)) => Some(items.iter().filter_map(value_of).collect()),
        Some(option) => value_of(option).map(|value| vec![value]),
        None => None,
    };
    let names = [
        "initial_value",
        "initial_option",
        "initial_options",
        "initial_user",
        "initial_users",
        "initial_channel",
        "initial_channels",
        "initial_conversation",
        "initial_conversations",
        "initial_date",
        "initial_time",
        "initial_date_time",
    ];
    names.into_iter().find_map(text).unwrap_or_default()
}

fn value_of(option: &Value) -> Option<String> {
    option.as_str().or_else(|| option.get("value").and_then(Value::as_str)).map(str::to_owned)
}

/// Whether the element keeps a choice, which goes into `state.values`.
pub(super) fn has_state(kind: &str) -> bool {
    !matches!(kind, "button" | "overflow" | "workflow_button" | "icon_button" | "feedback_buttons")
}

/// `state.values`: block id to action id to choice.
pub(super) fn state(
    found: &[Found],
    filled: impl Fn(&Found) -> Option<Vec<String>>,
) -> Result<Value, UserActionError> {
    let mut values: Map<String, Value> = Map::new();
    for one in found.iter().filter(|one| has_state(one.kind())) {
        let given = filled(one).unwrap_or_else(|| initial(&one.element));
        let mut choice = chosen(&one.element, &given)?;
        choice.insert("type".to_owned(), json!(one.kind()));
        let block = values.entry(one.block_id.clone()).or_insert_with(|| json!({}));
        if let Some(block) = block.as_object_mut() {
            block.insert(one.action_id().to_owned(), Value::Object(choice));
        }
    }
    Ok(Value::Object(values))
}
