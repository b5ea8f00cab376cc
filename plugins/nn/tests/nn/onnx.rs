//! Small ONNX models, written down as the tests need them: no file is downloaded, none is committed.
//!
//! The numbers of fields and types are those of `onnx.proto` of ONNX 1.17.

/// What the elements of a tensor are.
#[derive(Clone, Copy)]
pub(crate) enum Type {
    F32 = 1,
    I32 = 6,
    I64 = 7,
    Text = 8,
    F64 = 11,
}

/// A message that is being written.
#[derive(Default, Clone)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    fn varint(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push((value as u8) | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }

    fn number(self, field: u64, value: i64) -> Self {
        self.varint(field << 3).varint(value as u64)
    }

    fn bytes(self, field: u64, value: &[u8]) -> Self {
        let mut message = self.varint(field << 3 | 2).varint(value.len() as u64);
        message.0.extend_from_slice(value);
        message
    }

    fn text(self, field: u64, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    fn message(self, field: u64, value: Message) -> Self {
        self.bytes(field, &value.0)
    }
}

/// A dimension: of a size, or of any size under a name.
pub(crate) enum Size {
    Fixed(i64),
    Free(&'static str),
}
use Size::{Fixed, Free};

/// A graph that is being put together.
#[derive(Default, Clone)]
pub(crate) struct Graph(Message);

impl Graph {
    pub(crate) fn node(self, operator: &str, inputs: &[&str], outputs: &[&str]) -> Self {
        self.node_of("", operator, inputs, outputs)
    }

    /// An operator that others than ONNX define.
    pub(crate) fn node_of(
        self,
        domain: &str,
        operator: &str,
        inputs: &[&str],
        outputs: &[&str],
    ) -> Self {
        let node = inputs
            .iter()
            .fold(Message::default(), |node, name| node.text(1, name));
        let node = outputs.iter().fold(node, |node, name| node.text(2, name));
        let node = node.text(4, operator).text(7, domain);
        Graph(self.0.message(1, node))
    }

    /// The operator that makes another type of the elements.
    pub(crate) fn cast(self, input: &str, output: &str, ty: Type) -> Self {
        const INTEGER: i64 = 2;
        let to = Message::default()
            .text(1, "to")
            .number(3, ty as i64)
            .number(20, INTEGER);
        let node = Message::default().text(1, input).text(2, output);
        Graph(self.0.message(1, node.text(4, "Cast").message(5, to)))
    }

    /// A function with one input and output, which makes what its attribute `to` says of the elements.
    pub(crate) fn cast_function(domain: &str, name: &str) -> Message {
        const INTEGER: i64 = 2;
        let to = Message::default()
            .text(1, "to")
            .number(20, INTEGER)
            .text(21, "to");
        let cast = Message::default().text(1, "x").text(2, "y").text(4, "Cast");
        Message::default()
            .text(1, name)
            .text(4, "x")
            .text(5, "y")
            .text(6, "to")
            .message(7, cast.message(5, to))
            .text(10, domain)
    }

    /// The file, with a function.
    pub(crate) fn model_with(self, function: Message) -> Vec<u8> {
        let model = Message(self.model());
        model.message(25, function).0
    }

    fn value(name: &str, ty: Type, sizes: &[Size]) -> Message {
        let shape = sizes.iter().fold(Message::default(), |shape, size| {
            shape.message(
                1,
                match size {
                    Fixed(size) => Message::default().number(1, *size),
                    Free(name) => Message::default().text(2, name),
                },
            )
        });
        let tensor = Message::default().number(1, ty as i64).message(2, shape);
        Message::default()
            .text(1, name)
            .message(2, Message::default().message(1, tensor))
    }

    pub(crate) fn input(self, name: &str, ty: Type, sizes: &[Size]) -> Self {
        Graph(self.0.message(11, Self::value(name, ty, sizes)))
    }

    pub(crate) fn output(self, name: &str, ty: Type, sizes: &[Size]) -> Self {
        Graph(self.0.message(12, Self::value(name, ty, sizes)))
    }

    /// A constant of type `f32`.
    pub(crate) fn constant(self, name: &str, sizes: &[i64], values: &[f32]) -> Self {
        let data: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let tensor = sizes
            .iter()
            .fold(Message::default(), |tensor, size| tensor.number(1, *size))
            .number(2, Type::F32 as i64)
            .text(8, name)
            .bytes(9, &data);
        Graph(self.0.message(5, tensor))
    }

    /// A constant whose values are in another file.
    pub(crate) fn constant_elsewhere(self, name: &str, size: i64, file: &str) -> Self {
        let location = Message::default().text(1, "location").text(2, file);
        let tensor = Message::default()
            .number(1, size)
            .number(2, Type::F32 as i64)
            .text(8, name)
            .message(13, location)
            .number(14, 1);
        Graph(self.0.message(5, tensor))
    }

    /// The file.
    pub(crate) fn model(self) -> Vec<u8> {
        const IR_VERSION: i64 = 8;
        const OPERATORS: i64 = 13;
        Message::default()
            .number(1, IR_VERSION)
            .message(7, self.0.text(2, "test"))
            .message(8, Message::default().text(1, "").number(2, OPERATORS))
            .0
    }
}

/// `y = 2 x + 1` on `f32[n, 3]`.
pub(crate) fn affine() -> Vec<u8> {
    Graph::default()
        .input("x", Type::F32, &[Free("n"), Fixed(3)])
        .constant("two", &[1], &[2.0])
        .constant("one", &[1], &[1.0])
        .node("Mul", &["x", "two"], &["doubled"])
        .node("Add", &["doubled", "one"], &["y"])
        .output("y", Type::F32, &[Free("n"), Fixed(3)])
        .model()
}

/// Two inputs, two outputs: the sum and the product.
pub(crate) fn two_by_two() -> Vec<u8> {
    Graph::default()
        .input("a", Type::F32, &[Fixed(2)])
        .input("b", Type::F32, &[Fixed(2)])
        .node("Add", &["a", "b"], &["sum"])
        .node("Mul", &["a", "b"], &["product"])
        .output("sum", Type::F32, &[Fixed(2)])
        .output("product", Type::F32, &[Fixed(2)])
        .model()
}

/// `y = x + x` on four elements of a type.
pub(crate) fn doubled(ty: Type) -> Vec<u8> {
    Graph::default()
        .input("x", ty, &[Fixed(4)])
        .node("Add", &["x", "x"], &["y"])
        .output("y", ty, &[Fixed(4)])
        .model()
}

/// Gives back what it gets, however large.
pub(crate) fn identity() -> Vec<u8> {
    Graph::default()
        .input("x", Type::F32, &[Free("n")])
        .constant("one", &[1], &[1.0])
        .node("Mul", &["x", "one"], &["y"])
        .output("y", Type::F32, &[Free("n")])
        .model()
}

/// Squares a matrix again and again: with hundreds of rows, seconds of work in a file of a few kilobytes.
pub(crate) fn slow() -> Vec<u8> {
    const STEPS: usize = 400;
    let mut graph = Graph::default()
        .input("x0", Type::F32, &[Free("n"), Free("n")])
        .constant("tiny", &[1], &[1e-9]);
    for step in 0..STEPS {
        let (before, product, after) = (
            format!("x{step}"),
            format!("p{step}"),
            format!("x{}", step + 1),
        );
        graph = graph.node("MatMul", &[&before, &before], &[&product]).node(
            "Mul",
            &[&product, "tiny"],
            &[&after],
        );
    }
    graph
        .output(&format!("x{STEPS}"), Type::F32, &[Free("n"), Free("n")])
        .model()
}

/// So many additions side by side: more to load than to compute.
pub(crate) fn wide(additions: usize) -> Vec<u8> {
    let mut graph = Graph::default()
        .input("x", Type::F32, &[Free("n")])
        .constant("one", &[1], &[1.0]);
    for addition in 0..additions {
        graph = graph.node("Add", &["x", "one"], &[&format!("y{addition}")]);
    }
    graph.output("y0", Type::F32, &[Free("n")]).model()
}

/// Two nodes that wait for each other.
pub(crate) fn cyclic() -> Vec<u8> {
    Graph::default()
        .input("x", Type::F32, &[Fixed(3)])
        .node("Add", &["x", "b"], &["a"])
        .node("Add", &["x", "a"], &["b"])
        .node("Add", &["a", "b"], &["y"])
        .output("y", Type::F32, &[Fixed(3)])
        .model()
}

/// A constant whose size is more than there is memory, and whose data is not there.
pub(crate) fn overflowing() -> Vec<u8> {
    Graph::default()
        .input("x", Type::F32, &[Fixed(3)])
        .constant("w", &[i64::MAX, i64::MAX, 8], &[1.0])
        .node("Add", &["x", "w"], &["y"])
        .output("y", Type::F32, &[Fixed(3)])
        .model()
}

/// A constant that is said to lie in a file outside of the model's folder.
pub(crate) fn reaching_out(file: &str) -> Vec<u8> {
    Graph::default()
        .input("x", Type::F32, &[Fixed(4)])
        .constant_elsewhere("w", 4, file)
        .node("Add", &["x", "w"], &["y"])
        .output("y", Type::F32, &[Fixed(4)])
        .model()
}
