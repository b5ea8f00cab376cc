//! `kernels KERNEL ROUNDS`: prints a checksum of all rounds and the nanoseconds that they took, without
//! the time to start or to build the data.

use std::process::ExitCode;
use std::time::Instant;

use c12_bench_kernels::{KERNELS, Kernel};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = match arguments.as_slice() {
        [name, rounds] => Kernel::find(name).zip(rounds.parse::<u32>().ok()),
        _ => None,
    };
    let Some((kernel, rounds)) = asked else {
        eprintln!("usage: kernels KERNEL ROUNDS, with one of");
        for kernel in KERNELS {
            eprintln!("  {:<14} {}", kernel.name, kernel.work);
        }
        return ExitCode::from(2);
    };
    let mut round = kernel.prepare();
    let start = Instant::now();
    let checksum = (0..rounds).fold(0, |sum: u64, _| sum.rotate_left(7) ^ round());
    let elapsed = start.elapsed();
    println!("{checksum:016x} {}", elapsed.as_nanos());
    ExitCode::SUCCESS
}
