//! What SQL of a guest may do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// PRAGMAs that only tell, with an argument that names a table or an index.
const TELL: &[&str] = &[
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "table_info",
    "table_list",
    "table_xinfo",
];

/// PRAGMAs that tell without an argument, and with one change how the connection works. `database_list` is not among
/// them: it tells paths of the host.
const TELL_ALONE: &[&str] = &[
    "collation_list",
    "data_version",
    "encoding",
    "foreign_keys",
    "freelist_count",
    "journal_mode",
    "page_count",
    "page_size",
    "schema_version",
];

/// PRAGMAs that keep a number for applications in the database.
const KEEP: &[&str] = &["application_id", "user_version"];

/// Virtual tables that keep what they have in the database.
const MODULES: &[&str] = &["fts5", "rtree"];

/// Functions that do more than compute, or that compute without end:
/// `snippet` compares each word that was found with each other one, in a text of any length.
const FUNCTIONS: &[&str] = &["fts3_tokenizer", "load_extension", "snippet"];

/// What stays with the connection, not with the database.
const TEMPORARY: &str = "what is temporary";

/// What the callbacks of a connection and the session on it share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guard(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// The plugin's own statement is compiled, not the guest's.
    own: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the statement must have ended.
    until: Option<Instant>,
    /// What the guest's statement wanted first of what it may not do.
    refused: Option<String>,
}

impl Guard {
    fn state<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A statement of the guest begins.
    pub(crate) fn begin(&self, time: Duration) {
        self.state(|state| {
            state.until = Instant::now().checked_add(time);
            state.refused = None;
        });
    }

    /// It ended. Returns what was refused of it.
    pub(crate) fn end(&self) -> Option<String> {
        self.state(|state| {
            state.until = None;
            state.refused.take()
        })
    }

    /// Keeps what the statement wanted, if it is the first that is refused of it.
    pub(crate) fn refuse(&self, what: String) {
        self.state(|state| {
            state.refused.get_or_insert(what);
        });
    }

    /// Does something as the plugin itself, without rules and without a limit in time.
    pub(crate) fn as_itself<R>(&self, what: impl FnOnce() -> R) -> R {
        self.0.own.store(true, Ordering::Relaxed);
        let until = self.state(|state| state.until.take());
        let result = what();
        self.state(|state| state.until = until);
        self.0.own.store(false, Ordering::Relaxed);
        result
    }

    /// For SQLite's progress handler: whether to stop.
    pub(crate) fn is_late(&self) -> bool {
        self.state(|state| state.until)
            .is_some_and(|until| Instant::now() >= until)
    }

    // ANCHOR: authorize
    /// For SQLite's authorizer, which asks about each step while a statement is compiled.
    pub(crate) fn authorize(&self, context: &AuthContext<'_>) -> Authorization {
        if self.0.own.load(Ordering::Relaxed) {
            return Authorization::Allow;
        }
        // `CREATE TABLE temp.t` is to SQLite an ordinary table, of the database `temp`.
        let checked = match context.database_name {
            Some(name) if name.eq_ignore_ascii_case("temp") => Err(TEMPORARY.to_owned()),
            _ => check(&context.action),
        };
        match checked {
            Ok(()) => Authorization::Allow,
            Err(what) => {
                self.refuse(what);
                Authorization::Deny
            }
        }
    }
    // ANCHOR_END: authorize
}

/// Whether a guest may do it; if not, what it is. What nobody thought of is refused.
fn check(action: &AuthAction<'_>) -> Result<(), String> {
    use AuthAction as A;
    let among = |list: &[&str], name: &str| list.iter().any(|it| it.eq_ignore_ascii_case(name));
    match action {
        A::Select
        | A::Read { .. }
        | A::Recursive
        | A::Insert { .. }
        | A::Update { .. }
        | A::Delete { .. }
        | A::CreateTable { .. }
        | A::CreateIndex { .. }
        | A::CreateView { .. }
        | A::CreateTrigger { .. }
        | A::AlterTable { .. }
        | A::DropTable { .. }
        | A::DropIndex { .. }
        | A::DropView { .. }
        | A::DropTrigger { .. }
        | A::Reindex { .. }
        | A::Analyze { .. } => Ok(()),
        A::Function { function_name } if among(FUNCTIONS, function_name) => {
            Err(format!("the function {function_name}"))
        }
        A::Function { .. } => Ok(()),
        A::CreateVtable { module_name, .. } | A::DropVtable { module_name, .. } => {
            if among(MODULES, module_name) {
                Ok(())
            } else {
                Err(format!("virtual tables of {module_name}"))
            }
        }
        A::Pragma {
            pragma_name,
            pragma_value,
        } => {
            let alone = pragma_value.is_none() && among(TELL_ALONE, pragma_name);
            if alone || among(TELL, pragma_name) || among(KEEP, pragma_name) {
                Ok(())
            } else {
                Err(match pragma_value {
                    Some(_) => format!("PRAGMA {pragma_name} with a value"),
                    None => format!("PRAGMA {pragma_name}"),
                })
            }
        }
        // `VACUUM` attaches the copy that it makes, with and without `INTO`.
        A::Attach { .. } => Err("ATTACH and VACUUM".into()),
        A::Detach { .. } => Err("DETACH".into()),
        A::Transaction { .. } | A::Savepoint { .. } => {
            Err("BEGIN, COMMIT, SAVEPOINT and the like, for which there is `transaction`".into())
        }
        // The connection goes back to the pool, and the next guest would find them.
        A::CreateTempTable { .. }
        | A::CreateTempIndex { .. }
        | A::CreateTempView { .. }
        | A::CreateTempTrigger { .. }
        | A::DropTempTable { .. }
        | A::DropTempIndex { .. }
        | A::DropTempView { .. }
        | A::DropTempTrigger { .. } => Err(TEMPORARY.into()),
        other => Err(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pragmas_tell_and_change_nothing() {
        let pragma = |pragma_name, pragma_value| {
            check(&AuthAction::Pragma {
                pragma_name,
                pragma_value,
            })
            .is_ok()
        };
        assert!(pragma("table_info", Some("t")));
        assert!(pragma("USER_VERSION", Some("3")));
        assert!(pragma("journal_mode", None));
        assert!(!pragma("journal_mode", Some("off")));
        assert!(!pragma("writable_schema", Some("1")));
        assert!(!pragma("database_list", None));
        assert!(!pragma("temp_store_directory", Some("/")));
        assert!(!pragma("one_of_next_year", None));
    }

    #[test]
    fn time_runs_while_a_statement_does() {
        let guard = Guard::default();
        assert!(!guard.is_late());
        guard.begin(Duration::ZERO);
        assert!(guard.is_late());
        assert!(!guard.as_itself(|| guard.is_late()));
        assert!(guard.is_late());
        assert_eq!(guard.end(), None);
        assert!(!guard.is_late());
    }
}
