//! Which Debian mirror this machine uses.

use std::path::Path;

const FALLBACK: &str = "http://deb.debian.org/debian";

/// The first Debian mirror in the machine's own apt sources: it is the one that is known to be reachable from here.
pub(super) fn of_this_machine() -> String {
    let mut files = vec![Path::new("/etc/apt/sources.list").to_owned()];
    if let Ok(entries) = std::fs::read_dir("/etc/apt/sources.list.d") {
        let mut parts: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        parts.sort();
        files.extend(parts);
    }
    files
        .iter()
        .filter_map(|file| {
            let text = std::fs::read_to_string(file).ok()?;
            match file.extension()?.to_str()? {
                "list" => in_one_line_style(&text),
                "sources" => in_deb822_style(&text),
                _ => None,
            }
        })
        .next()
        .unwrap_or_else(|| FALLBACK.to_owned())
}

/// `deb [options] URI SUITE COMPONENT…`
fn in_one_line_style(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.split('#').next()?.trim();
        let entry = line.strip_prefix("deb ")?.trim_start();
        let entry = match entry.strip_prefix('[') {
            Some(options) => options.split_once(']')?.1,
            None => entry,
        };
        let mut words = entry.split_whitespace();
        let (uri, suite) = (words.next()?, words.next()?);
        (is_debian(suite) && words.any(|component| component == "main") && is_mirror(uri))
            .then(|| uri.to_owned())
    })
}

/// Paragraphs of `Field: value`, where a line that starts with a space continues the one before.
fn in_deb822_style(text: &str) -> Option<String> {
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines
        .split(|line| line.trim().is_empty())
        .find_map(|paragraph| {
            let words = |field: &str| -> Vec<&str> {
                let mut found = Vec::new();
                let mut inside = false;
                for line in paragraph {
                    let continued = line.starts_with([' ', '\t']);
                    let value = match line.split_once(':') {
                        Some((name, value)) if !continued => {
                            inside = name.eq_ignore_ascii_case(field);
                            value
                        }
                        _ => line,
                    };
                    if inside {
                        found.extend(value.split_whitespace());
                    }
                }
                found
            };
            let enabled = !words("Enabled")
                .iter()
                .any(|value| value.eq_ignore_ascii_case("no"));
            let debian = words("Types").contains(&"deb")
                && words("Suites").into_iter().any(is_debian)
                && words("Components").contains(&"main");
            let uri = words("URIs").into_iter().find(|uri| is_mirror(uri))?;
            (enabled && debian).then(|| uri.to_owned())
        })
}

/// A suite of Debian itself: other publishers invent other names, and updates live on other mirrors.
fn is_debian(suite: &str) -> bool {
    const SUITES: [&str; 10] = [
        "bullseye",
        "bookworm",
        "trixie",
        "forky",
        "duke",
        "sid",
        "stable",
        "oldstable",
        "testing",
        "unstable",
    ];
    SUITES.contains(&suite.trim_end_matches('/'))
}

fn is_mirror(uri: &str) -> bool {
    !uri.starts_with("cdrom:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_style() {
        let text = "# deb http://old.example/debian trixie main\n\
            deb-src http://src.example/debian bookworm main\n\
            deb cdrom:[Debian 12]/ bookworm main\n\
            deb http://security.example/debian-security bookworm-security main\n\
            deb https://download.example/linux/debian bookworm stable\n\
            deb [arch=amd64 signed-by=/k.gpg] https://mirror.example/some/debian bookworm main contrib # ours\n\
            deb http://other.example/debian bookworm main\n";
        assert_eq!(
            in_one_line_style(text).as_deref(),
            Some("https://mirror.example/some/debian")
        );
    }

    #[test]
    fn deb822_style() {
        let text = "Types: deb\nURIs: http://off.example/debian\nSuites: trixie\nComponents: main\nEnabled: no\n\n\
            Types: deb\nURIs: http://security.example/s\nSuites: bookworm-security\nComponents: main\n\n\
            # comment: with a colon\nTypes: deb deb-src\n# another\nURIs:\n  http://one.example/debian\n  http://two.example/debian\n\
            Suites: bookworm bookworm-updates\nComponents: main\nSigned-By: /k.gpg\n";
        assert_eq!(
            in_deb822_style(text).as_deref(),
            Some("http://one.example/debian")
        );
    }

    #[test]
    fn other_publishers_are_not_debian() {
        assert_eq!(
            in_one_line_style("deb http://archive.example/ubuntu noble main universe\n"),
            None
        );
        let node =
            "Types: deb\nURIs: https://deb.example/node_20.x\nSuites: nodistro\nComponents: main\n";
        assert_eq!(in_deb822_style(node), None);
    }
}
