/// A table that a plugin shows to people: its algorithms, its backends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// What the table is about.
    pub title: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each with a text for every column.
    pub rows: Vec<Vec<String>>,
}

impl Details {
    /// A table.
    pub fn new<C: Into<String>, T: Into<String>>(
        title: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
        rows: impl IntoIterator<Item = impl IntoIterator<Item = T>>,
    ) -> Self {
        Details {
            title: title.into(),
            columns: columns.into_iter().map(Into::into).collect(),
            rows: rows
                .into_iter()
                .map(|row| row.into_iter().map(Into::into).collect())
                .collect(),
        }
    }
}
