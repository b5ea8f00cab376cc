//! The functions of the witx files, in their flattened form.

/// A function as a core module imports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) module: String,
    pub(crate) name: String,
    /// `i32` and `i64`. Pointers for results come last.
    pub(crate) parameters: Vec<&'static str>,
}

#[derive(Debug)]
enum Node {
    Atom(String),
    List(Vec<Node>),
}

impl Node {
    fn list(&self) -> &[Node] {
        match self {
            Node::List(nodes) => nodes,
            Node::Atom(atom) => panic!("`{atom}` is no list"),
        }
    }

    fn is(&self, text: &str) -> bool {
        matches!(self, Node::Atom(atom) if atom == text)
    }

    fn starts_with(&self, text: &str) -> bool {
        matches!(self, Node::List(nodes) if nodes.first().is_some_and(|first| first.is(text)))
    }
}

fn parse(text: &str) -> Node {
    let mut open: Vec<Vec<Node>> = vec![Vec::new()];
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    for word in spaced.split_whitespace() {
        match word {
            "(" => open.push(Vec::new()),
            ")" => {
                let closed = Node::List(open.pop().unwrap());
                open.last_mut().unwrap().push(closed);
            }
            atom => open
                .last_mut()
                .unwrap()
                .push(Node::Atom(atom.trim_matches('"').to_owned())),
        }
    }
    let mut all = open.pop().unwrap();
    assert!(open.is_empty() && all.len() == 1);
    all.pop().unwrap()
}

fn flattened(ty: &Node) -> &'static [&'static str] {
    match ty {
        Node::Atom(name) => match name.as_str() {
            "string" => &["i32", "i32"],
            "u64" | "$u64" | "$version" | "$timestamp" => &["i64"],
            _ => &["i32"],
        },
        Node::List(_) if ty.starts_with("list") => &["i32", "i32"],
        Node::List(_) => {
            assert!(ty.starts_with("@witx"), "{ty:?}");
            &["i32"]
        }
    }
}

fn results(ty: &Node) -> usize {
    assert!(ty.starts_with("expected"));
    match &ty.list()[1..] {
        [error] if error.starts_with("error") => 0,
        [tuple, _] if tuple.starts_with("tuple") => tuple.list().len() - 1,
        [Node::Atom(_), _] => 1,
        other => panic!("{other:?}"),
    }
}

fn functions_of(text: &str) -> Vec<Function> {
    let module = parse(text);
    let [kind, Node::Atom(name), items @ ..] = module.list() else {
        panic!("no module")
    };
    assert!(kind.is("module"));
    let functions = items.iter().filter(|item| item.starts_with("@interface"));
    functions
        .map(|function| {
            let [_, func, export, signature @ ..] = function.list() else {
                panic!("{function:?}")
            };
            assert!(func.is("func") && export.starts_with("export"));
            let Node::Atom(function) = &export.list()[1] else {
                panic!("{export:?}")
            };
            let mut parameters = Vec::new();
            for part in signature {
                let [kind, _, ty] = part.list() else {
                    panic!("{part:?}")
                };
                if kind.is("param") {
                    parameters.extend(flattened(ty));
                } else {
                    assert!(kind.is("result"));
                    parameters.extend(std::iter::repeat_n("i32", results(ty)));
                }
            }
            Function {
                module: name.trim_start_matches('$').to_owned(),
                name: function.clone(),
                parameters,
            }
        })
        .collect()
}

/// What is beside this file, so that the fuzz target finds it as well.
const FILES: [&str; 8] = [
    include_str!("../../../../../wit/crypto/witx/wasi_ephemeral_crypto_asymmetric_common.witx"),
    include_str!("../../../../../wit/crypto/witx/wasi_ephemeral_crypto_common.witx"),
    include_str!("../../../../../wit/crypto/witx/wasi_ephemeral_crypto_external_secrets.witx"),
    include_str!("../../../../../wit/crypto/witx/wasi_ephemeral_crypto_kx.witx"),
    include_str!("../../../../../wit/crypto/witx/wasi_ephemeral_crypto_signatures.witx"),
    include_str!("../../../../../wit/crypto/witx/wasi_ephemeral_crypto_signatures_batch.witx"),
    include_str!("../../../../../wit/crypto/witx/wasi_ephemeral_crypto_symmetric.witx"),
    include_str!("../../../../../wit/crypto/witx/wasi_ephemeral_crypto_symmetric_batch.witx"),
];

/// All functions of all modules.
pub(crate) fn functions() -> Vec<Function> {
    FILES.iter().flat_map(|text| functions_of(text)).collect()
}
