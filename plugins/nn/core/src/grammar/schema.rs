//! JSON schemas (2020-12) as GBNF.
//!
//! Understood are `type`, `properties`, `required`, `additionalProperties`, `items`, `prefixItems`, `minItems`,
//! `maxItems`, `minLength`, `maxLength`, `enum`, `const`, `anyOf`, `oneOf`, `allOf` of one, and `$ref` within the schema.
//! Whatever else constrains values is refused, since the text would not obey it; whatever only describes is passed over.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::json::{Json, quoted};
use crate::{Error, Result};

/// Schemas within schemas.
const DEPTH: usize = 64;
/// The longest grammar that is made, in bytes.
const LENGTH: usize = 256 * 1024;

/// What every schema may refer to. Spaces are bounded, or a model could write them for ever.
const BASE: &str = r#"ws ::= [ \n\t]{0,20}
string ::= "\"" char* "\""
char ::= [^"\\\x00-\x1f\x7f] | "\\" (["\\bfnrt/] | "u" [0-9a-fA-F]{4})
integer ::= "-"? ("0" | [1-9] [0-9]{0,17})
number ::= integer ("." [0-9]{1,18})? ([eE] [-+]? [0-9]{1,3})?
boolean ::= "true" | "false"
null ::= "null"
value ::= object | array | string | number | boolean | null
object ::= "{" ws (string ws ":" ws value (ws "," ws string ws ":" ws value)*)? ws "}"
array ::= "[" ws (value (ws "," ws value)*)? ws "]"
"#;

/// Keywords that only describe.
const DESCRIBING: [&str; 15] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "contentEncoding",
    "contentMediaType",
    "default",
    "definitions",
    "deprecated",
    "description",
    "examples",
    "format",
    "readOnly",
    "title",
];

pub(super) fn to_gbnf(schema: &str) -> Result<String> {
    let schema: Json = serde_json::from_str(schema)
        .map_err(|error| Error::invalid_argument(format!("the schema is no JSON: {error}")))?;
    let mut writer = Writer {
        root: &schema,
        rules: String::new(),
        references: HashMap::new(),
        count: 0,
    };
    let root = writer.rule(&schema, 0)?;
    Ok(format!("root ::= {root}\n{}{BASE}", writer.rules))
}

struct Writer<'a> {
    root: &'a Json,
    rules: String,
    /// The rules of what `$ref` names, so that schemas may refer to themselves.
    references: HashMap<String, String>,
    count: usize,
}

impl Writer<'_> {
    /// The name of a rule for a schema.
    fn rule(&mut self, schema: &Json, depth: usize) -> Result<String> {
        if depth > DEPTH {
            return Err(Error::too_large(format!(
                "the schema's parts lie in each other more than {DEPTH} deep"
            )));
        }
        match schema {
            Json::Bool(true) => return Ok("value".to_owned()),
            Json::Object(_) => {}
            _ => return Err(wrong("a schema must be an object or `true`")),
        }
        if let Some(Json::Text(target)) = schema.get("$ref") {
            return self.reference(target, depth);
        }
        let body = self.body(schema, depth)?;
        self.define(&body)
    }

    fn define(&mut self, body: &str) -> Result<String> {
        self.count += 1;
        let name = format!("r{}", self.count);
        self.add(&name, body)?;
        Ok(name)
    }

    fn add(&mut self, name: &str, body: &str) -> Result<()> {
        // Writing to a string does not fail.
        let _ = writeln!(self.rules, "{name} ::= {body}");
        if self.rules.len() > LENGTH {
            return Err(Error::too_large(format!(
                "the schema's grammar is longer than {LENGTH} bytes"
            )));
        }
        Ok(())
    }

    fn reference(&mut self, target: &str, depth: usize) -> Result<String> {
        if let Some(rule) = self.references.get(target) {
            return Ok(rule.clone());
        }
        let mut found = self.root;
        let path = target
            .strip_prefix('#')
            .ok_or_else(|| wrong(&format!("`$ref` to `{target}` is outside of the schema")))?;
        for part in path.split('/').skip(1) {
            let part = part.replace("~1", "/").replace("~0", "~");
            found = found
                .get(&part)
                .ok_or_else(|| wrong(&format!("there is no `{target}` in the schema")))?;
        }
        self.count += 1;
        let name = format!("r{}", self.count);
        self.references.insert(target.to_owned(), name.clone());
        // A copy, since the schema outlives neither.
        let found = found.clone();
        let inner = self.rule(&found, depth + 1)?;
        self.add(&name, &inner)?;
        Ok(name)
    }

    fn body(&mut self, schema: &Json, depth: usize) -> Result<String> {
        if let Some(value) = schema.get("const") {
            only(schema, &["const", "type"])?;
            return Ok(literal(&value.to_text()));
        }
        if let Some(Json::List(values)) = schema.get("enum") {
            only(schema, &["enum", "type"])?;
            let values: Vec<String> = values
                .iter()
                .map(|value| literal(&value.to_text()))
                .collect();
            return alternatives(&values, "enum");
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let Some(Json::List(schemas)) = schema.get(key) {
                only(schema, &[key])?;
                if key == "allOf" && schemas.len() != 1 {
                    return Err(wrong("`allOf` of several schemas is not supported"));
                }
                let rules = schemas
                    .iter()
                    .map(|schema| self.rule(schema, depth + 1))
                    .collect::<Result<Vec<_>>>()?;
                return alternatives(&rules, key);
            }
        }
        match schema.get("type") {
            None if schema.get("properties").is_some() => self.typed("object", schema, depth),
            None if schema.get("items").is_some() || schema.get("prefixItems").is_some() => {
                self.typed("array", schema, depth)
            }
            None => only(schema, &[]).map(|()| "value".to_owned()),
            Some(Json::Text(name)) => self.typed(name, schema, depth),
            Some(Json::List(names)) => {
                let bodies = names
                    .iter()
                    .map(|name| match name {
                        Json::Text(name) => {
                            let body = self.typed(name, schema, depth)?;
                            self.define(&body)
                        }
                        _ => Err(wrong("`type` must be text")),
                    })
                    .collect::<Result<Vec<_>>>()?;
                alternatives(&bodies, "type")
            }
            Some(_) => Err(wrong("`type` must be text or a list")),
        }
    }

    fn typed(&mut self, name: &str, schema: &Json, depth: usize) -> Result<String> {
        match name {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, depth),
            "string" => {
                only(schema, &["type", "minLength", "maxLength"])?;
                let bounds = bounds(schema, "minLength", "maxLength")?;
                Ok(format!("\"\\\"\" char{bounds} \"\\\"\""))
            }
            "integer" | "number" | "boolean" | "null" => {
                only(schema, &["type"])?;
                Ok(name.to_owned())
            }
            other => Err(wrong(&format!("there is no type `{other}`"))),
        }
    }

    fn array(&mut self, schema: &Json, depth: usize) -> Result<String> {
        only(
            schema,
            &["type", "items", "prefixItems", "minItems", "maxItems"],
        )?;
        if let Some(Json::List(items)) = schema.get("prefixItems") {
            if ["items", "minItems", "maxItems"].iter().any(|key| {
                schema
                    .get(key)
                    .is_some_and(|value| *value != Json::Bool(false))
            }) {
                return Err(wrong("`prefixItems` with other items is not supported"));
            }
            let items = items
                .iter()
                .map(|item| self.rule(item, depth + 1))
                .collect::<Result<Vec<_>>>()?;
            return Ok(format!("\"[\" ws {} ws \"]\"", items.join(" ws \",\" ws ")));
        }
        let item = match schema.get("items") {
            Some(item) => self.rule(item, depth + 1)?,
            None => "value".to_owned(),
        };
        let least = count(schema, "minItems")?.unwrap_or(0);
        let most = count(schema, "maxItems")?;
        if most == Some(0) {
            return Ok("\"[\" ws \"]\"".to_owned());
        }
        let more = match most {
            Some(most) if most < least => return Err(wrong("`maxItems` is less than `minItems`")),
            Some(most) => format!("{{{},{}}}", least.saturating_sub(1), most - 1),
            None => format!("{{{},}}", least.saturating_sub(1)),
        };
        let items = format!("{item} (ws \",\" ws {item}){more}");
        Ok(if least == 0 {
            format!("\"[\" ws ({items})? ws \"]\"")
        } else {
            format!("\"[\" ws {items} ws \"]\"")
        })
    }

    fn object(&mut self, schema: &Json, depth: usize) -> Result<String> {
        only(
            schema,
            &["type", "properties", "required", "additionalProperties"],
        )?;
        let properties = match schema.get("properties") {
            Some(Json::Object(properties)) => properties.as_slice(),
            Some(_) => return Err(wrong("`properties` must be an object")),
            None => &[],
        };
        let required = names(schema, properties)?;
        let mut pairs = Vec::with_capacity(properties.len());
        for (key, value) in properties {
            let value = self.rule(value, depth + 1)?;
            let pair = format!("{} ws \":\" ws {value}", literal(&quoted(key)));
            pairs.push((self.define(&pair)?, required.contains(key.as_str())));
        }
        if let Some(rest) = self.additional(schema, properties.is_empty(), depth)? {
            let pair = self.define(&format!("string ws \":\" ws {rest}"))?;
            pairs.push((
                self.define(&format!("{pair} (ws \",\" ws {pair})*"))?,
                false,
            ));
        }
        let members = self.members(&pairs)?;
        Ok(format!("\"{{\" ws {members} ws \"}}\""))
    }

    /// What properties may have that are not named, if there may be some.
    fn additional(
        &mut self,
        schema: &Json,
        none_named: bool,
        depth: usize,
    ) -> Result<Option<String>> {
        match schema.get("additionalProperties") {
            // Strictly, others are allowed then; but who names properties wants those.
            None => Ok(none_named.then(|| "value".to_owned())),
            Some(Json::Bool(false)) => Ok(None),
            Some(value) => self.rule(value, depth + 1).map(Some),
        }
    }

    /// Pairs in their order, with commas between those that are there.
    fn members(&mut self, pairs: &[(String, bool)]) -> Result<String> {
        // From the end: what may follow once something is there, and what may come if nothing is yet.
        let mut following = "\"\"".to_owned();
        let mut first = Some("\"\"".to_owned());
        for (pair, is_required) in pairs.iter().rev() {
            let begin = self.define(&format!("{pair} {following}"))?;
            let go_on = format!("ws \",\" ws {begin}");
            first = Some(match (is_required, first) {
                (true, _) | (false, None) => begin,
                (false, Some(first)) => self.define(&format!("{begin} | {first}"))?,
            });
            following = if *is_required {
                self.define(&go_on)?
            } else {
                self.define(&format!("{go_on} | {following}"))?
            };
        }
        Ok(first.unwrap_or_default())
    }
}

/// The properties that must be there.
fn names<'a>(schema: &'a Json, properties: &[(String, Json)]) -> Result<HashSet<&'a str>> {
    let Some(required) = schema.get("required") else {
        return Ok(HashSet::new());
    };
    let Json::List(required) = required else {
        return Err(wrong("`required` must be a list"));
    };
    let known: HashSet<&str> = properties.iter().map(|(key, _)| key.as_str()).collect();
    required
        .iter()
        .map(|name| match name {
            Json::Text(name) if known.contains(name.as_str()) => Ok(name.as_str()),
            other => Err(wrong(&format!(
                "{} is required, but no property",
                other.to_text()
            ))),
        })
        .collect()
}

fn alternatives(bodies: &[String], key: &str) -> Result<String> {
    if bodies.is_empty() {
        return Err(wrong(&format!("`{key}` is empty")));
    }
    Ok(bodies.join(" | "))
}

fn bounds(schema: &Json, least: &str, most: &str) -> Result<String> {
    let (least, most) = (count(schema, least)?, count(schema, most)?);
    Ok(match (least, most) {
        (None, None) => "*".to_owned(),
        (least, None) => format!("{{{},}}", least.unwrap_or(0)),
        (least, Some(most)) => format!("{{{},{most}}}", least.unwrap_or(0)),
    })
}

fn count(schema: &Json, key: &str) -> Result<Option<u64>> {
    match schema.get(key) {
        None => Ok(None),
        Some(Json::Number(number)) => number
            .as_u64()
            .map(Some)
            .ok_or_else(|| wrong(&format!("`{key}` must be a whole number"))),
        Some(_) => Err(wrong(&format!("`{key}` must be a whole number"))),
    }
}

/// Refuses keywords that would constrain a value, but are not looked at.
fn only(schema: &Json, known: &[&str]) -> Result<()> {
    let Json::Object(members) = schema else {
        return Ok(());
    };
    // Of several types, each looks at its own.
    let is_union = matches!(schema.get("type"), Some(Json::List(_)));
    for (key, _) in members {
        let is_known = known.contains(&key.as_str()) || DESCRIBING.contains(&key.as_str());
        let is_typed = is_union && TYPED.contains(&key.as_str());
        if !is_known && !is_typed {
            return Err(wrong(&format!("`{key}` is not supported here")));
        }
    }
    Ok(())
}

/// Keywords that belong to one type.
const TYPED: [&str; 9] = [
    "additionalProperties",
    "items",
    "maxItems",
    "maxLength",
    "minItems",
    "minLength",
    "prefixItems",
    "properties",
    "required",
];

/// A literal of GBNF.
fn literal(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\U{:08x}", letter as u32);
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

fn wrong(message: &str) -> Error {
    Error::invalid_argument(format!("the JSON schema: {message}"))
}
