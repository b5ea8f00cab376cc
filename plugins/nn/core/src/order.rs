/// Whether one comes back to where one started; `edges` has the targets of each point.
pub(crate) fn has_cycle(edges: &[Vec<usize>]) -> bool {
    let mut waiting = vec![0_usize; edges.len()];
    for target in edges.iter().flatten() {
        if let Some(count) = waiting.get_mut(*target) {
            *count += 1;
        }
    }
    let mut free: Vec<usize> = (0..edges.len())
        .filter(|point| waiting.get(*point) == Some(&0))
        .collect();
    let mut done = 0;
    while let Some(point) = free.pop() {
        done += 1;
        for target in edges.get(point).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(*target) {
                *count -= 1;
                if *count == 0 {
                    free.push(*target);
                }
            }
        }
    }
    done != edges.len()
}
