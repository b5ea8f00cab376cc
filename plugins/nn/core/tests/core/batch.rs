use std::sync::atomic::Ordering;
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use c12_nn_core::{
    Backend, Cancel, Device, ExecutionContext, Graph, Options, Reason, Result, Source, Tensor,
};

use crate::framework::{Sums, matrix};

fn graph(sums: &Sums, query: &str) -> Arc<dyn Graph> {
    load(sums, query).unwrap()
}

fn load(sums: &Sums, query: &str) -> Result<Arc<dyn Graph>> {
    sums.load(
        &[Source::Bytes("1".into())],
        Device::Auto,
        &Options::from_query(query).unwrap(),
    )
}

/// Each input in a context and thread of its own, at the same time.
fn all(graph: &Arc<dyn Graph>, inputs: &[Tensor]) -> Vec<Result<Vec<f32>>> {
    let start = Barrier::new(inputs.len());
    let contexts: Vec<Box<dyn ExecutionContext>> = inputs
        .iter()
        .map(|_| graph.init_execution_context(&Options::new()).unwrap())
        .collect();
    std::thread::scope(|scope| {
        let running: Vec<_> = inputs
            .iter()
            .zip(contexts)
            .map(|(input, mut context)| {
                let start = &start;
                scope.spawn(move || -> Result<Vec<f32>> {
                    context.set_input(&0.into(), input.clone())?;
                    start.wait();
                    context.compute(&Cancel::new())?;
                    let output = context.get_output(&0.into())?;
                    Ok(output.to_slice::<f32>()?.into_owned())
                })
            })
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

#[test]
fn each_gets_its_own_rows_back() {
    let sums = Sums::default();
    let graph = graph(&sums, "batch=8&batch-delay=5000");
    let inputs = [
        matrix(&[&[1.0, 1.0]]),
        matrix(&[&[2.0, 2.0], &[3.0, 3.0], &[4.0, 4.0]]),
        matrix(&[&[5.0, 5.0], &[6.0, 6.0]]),
        matrix(&[&[7.0, 7.0], &[8.0, 8.0]]),
    ];
    let begin = Instant::now();
    let outputs: Vec<Vec<f32>> = all(&graph, &inputs)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        outputs,
        [
            vec![2.0],
            vec![4.0, 6.0, 8.0],
            vec![10.0, 12.0],
            vec![14.0, 16.0]
        ]
    );
    assert_eq!(sums.runs.load(Ordering::SeqCst), 1);
    assert_eq!(sums.most_rows.load(Ordering::SeqCst), 8);
    assert!(begin.elapsed() < Duration::from_secs(4));
}

#[test]
fn other_shapes_are_not_mixed() {
    let sums = Sums::default();
    let graph = graph(&sums, "batch=2&batch-delay=5000");
    let inputs = [
        matrix(&[&[1.0]]),
        matrix(&[&[1.0, 2.0]]),
        matrix(&[&[3.0]]),
        matrix(&[&[3.0, 4.0]]),
    ];
    let outputs: Vec<Vec<f32>> = all(&graph, &inputs)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(outputs, [[1.0], [3.0], [3.0], [7.0]]);
    assert_eq!(sums.runs.load(Ordering::SeqCst), 2);
}

#[test]
fn one_s_mistake_is_not_another_s() {
    let sums = Sums::default();
    let graph = graph(&sums, "batch=3&batch-delay=5000");
    let inputs = [matrix(&[&[1.0]]), matrix(&[&[666.0]]), matrix(&[&[3.0]])];
    let outputs = all(&graph, &inputs);
    assert_eq!(outputs[0].as_deref(), Ok(&[1.0][..]));
    assert!(outputs[1].is_err());
    assert_eq!(outputs[2].as_deref(), Ok(&[3.0][..]));
}

#[test]
fn who_is_alone_does_not_wait() {
    let graph = graph(&Sums::default(), "batch=8&batch-delay=5000");
    let begin = Instant::now();
    let outputs = all(&graph, &[matrix(&[&[1.0]])]);
    assert_eq!(outputs[0].as_deref(), Ok(&[1.0][..]));
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn nobody_waits_longer_than_the_delay() {
    let graph = graph(&Sums::default(), "batch=8&batch-delay=100");
    let _another = graph.init_execution_context(&Options::new()).unwrap();
    let begin = Instant::now();
    let outputs = all(&graph, &[matrix(&[&[1.0]]), matrix(&[&[2.0]])]);
    assert!(outputs.iter().all(Result::is_ok));
    assert!(begin.elapsed() >= Duration::from_millis(90));
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn who_leaves_does_not_stop_the_others() {
    let graph = graph(&Sums::default(), "batch=3&batch-delay=5000&slow=300");
    // Who is alone does not wait for others.
    let _another = graph.init_execution_context(&Options::new()).unwrap();
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        let run = |cancel: Cancel, number: f32| {
            let mut context = graph.init_execution_context(&Options::new()).unwrap();
            context.set_input(&0.into(), matrix(&[&[number]])).unwrap();
            scope.spawn(move || context.compute(&cancel))
        };
        let leader = run(cancel.clone(), 1.0);
        std::thread::sleep(Duration::from_millis(50));
        let others = [run(Cancel::new(), 2.0), run(Cancel::new(), 3.0)];
        cancel.cancel(Reason::Gone);
        assert!(leader.join().unwrap().is_err());
        for other in others {
            other.join().unwrap().unwrap();
        }
    });
}

#[test]
fn who_is_cancelled_does_not_wait_for_others() {
    let graph = graph(&Sums::default(), "batch=3&batch-delay=5000");
    let _another = graph.init_execution_context(&Options::new()).unwrap();
    let cancel = Cancel::new();
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let mut context = graph.init_execution_context(&Options::new()).unwrap();
        context.set_input(&0.into(), matrix(&[&[1.0]])).unwrap();
        let token = cancel.clone();
        let running = scope.spawn(move || context.compute(&token));
        std::thread::sleep(Duration::from_millis(100));
        cancel.cancel(Reason::Timeout);
        assert!(running.join().unwrap().is_err());
    });
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let stateful = Sums {
        stateful: true,
        ..Sums::default()
    };
    assert!(load(&stateful, "batch=2").is_err());
    for query in [
        "batch=-1",
        "batch=x",
        "batch-delay=-1",
        "batch-delay=1e9",
        "batch-delay=nan",
    ] {
        assert!(load(&Sums::default(), query).is_err(), "{query}");
    }
}
