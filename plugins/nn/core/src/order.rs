/// Whether one comes back to where one started; `edges` has the targets of each point.
pub(crate) fn has_cycle(edges: &[Vec<usize>]) -> bool {
    in_order(edges).is_none()
}

/// The points in an order in which each stands before its targets. `None` if one comes back to where one started.
pub(crate) fn in_order(edges: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut waiting = vec![0_usize; edges.len()];
    for target in edges.iter().flatten() {
        if let Some(count) = waiting.get_mut(*target) {
            *count += 1;
        }
    }
    let mut free: Vec<usize> = (0..edges.len())
        .filter(|point| waiting.get(*point) == Some(&0))
        .collect();
    let mut order = Vec::with_capacity(edges.len());
    while let Some(point) = free.pop() {
        order.push(point);
        for target in edges.get(point).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(*target) {
                *count -= 1;
                if *count == 0 {
                    free.push(*target);
                }
            }
        }
    }
    (order.len() == edges.len()).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_others_stands_before_them() {
        let order = in_order(&[vec![1, 2], vec![2], vec![], vec![0]]).unwrap();
        assert_eq!(order, [3, 0, 1, 2]);
        assert_eq!(in_order(&[vec![1], vec![0]]), None);
        assert!(has_cycle(&[vec![0]]));
    }
}
