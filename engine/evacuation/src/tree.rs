//! The spanning tree of the network simplex: who hangs under whom, how much flows to or from the parent, and the dual of each node.
//!
//! Preorder threads with subtree sizes and last successors make a re-hanging cost as much as the moved subtree and the two paths,
//! not the whole tree (thread indices: Glover, Klingman, Stutz 1974; "XTI" update: Kovács, Optim. Methods Softw. 30, 2015).

/// No node.
pub(crate) const NONE: u32 = u32::MAX;

/// What limits a step around the cycle of an entering arc.
pub(crate) struct Block {
    /// people that can be shifted
    pub delta: i64,
    /// lower end of the tree arc that leaves
    pub out: u32,
    /// the leaving arc lies between the join and the entering arc's tail
    pub on_tail_side: bool,
    /// where the paths from tail and head to the root meet
    pub join: u32,
}

/// A spanning tree rooted at the last node. `pred`, `up` and `flow` of a node belong to the arc between it and its parent.
pub(crate) struct Tree {
    pub parent: Vec<u32>,
    pub pred: Vec<u32>,
    /// the arc leads from the node to its parent
    pub up: Vec<bool>,
    pub flow: Vec<i64>,
    /// dual of the node, m; 0 at the root
    pub dual: Vec<i64>,
    thread: Vec<u32>,
    back: Vec<u32>,
    size: Vec<u32>,
    last: Vec<u32>,
    stem: Vec<u32>,
}

impl Tree {
    /// From parents, arcs, directions, flows and duals; `preorder` lists every node that is in the tree, the root first, each subtree
    /// in one piece. Other nodes may be attached later.
    pub fn new(
        preorder: &[u32],
        parent: Vec<u32>,
        pred: Vec<u32>,
        up: Vec<bool>,
        flow: Vec<i64>,
        dual: Vec<i64>,
    ) -> Self {
        let nodes = parent.len();
        let (mut thread, mut back, mut size) = (vec![0; nodes], vec![0; nodes], vec![0; nodes]);
        for (place, &node) in preorder.iter().enumerate() {
            let next = preorder[(place + 1) % preorder.len()];
            thread[node as usize] = next;
            back[next as usize] = node;
            size[node as usize] = 1;
        }
        let mut last: Vec<u32> = (0..).take(nodes).collect();
        for &node in preorder.iter().rev() {
            let above = parent[node as usize];
            if above != NONE {
                size[above as usize] += size[node as usize];
                // Children are met last first: the first one met is the last of the subtree.
                if last[above as usize] == above {
                    last[above as usize] = last[node as usize];
                }
            }
        }
        Self { parent, pred, up, flow, dual, thread, back, size, last, stem: Vec::new() }
    }

    /// Walks both paths from the ends of an entering arc to their join and finds the leaving arc: of the arcs that lose flow and
    /// hold the least, the last one met on the cycle from the join in the direction of the entering arc. This choice keeps the tree strongly
    /// feasible, so that the method cannot cycle (Cunningham, Math. Program. 11, 1976). `None` if nothing limits the step.
    ///
    /// `first` is what a leaf that hangs under `tail` and is not part of the tree could give: if that limits the step, `out` is [`NONE`].
    pub fn blocking(&self, tail: u32, head: u32, first: i64) -> Option<Block> {
        let (mut from, mut to) = (tail as usize, head as usize);
        let mut tail_delta = first;
        let mut head_delta = i64::MAX;
        let (mut tail_out, mut head_out) = (NONE, NONE);
        while from != to {
            if self.size[from] < self.size[to] {
                // People go down to the tail: arcs that lead up lose flow. The first met from below is the last of the cycle.
                if self.up[from] && self.flow[from] < tail_delta {
                    tail_delta = self.flow[from];
                    tail_out = from as u32;
                }
                from = self.parent[from] as usize;
            } else {
                if !self.up[to] && self.flow[to] <= head_delta {
                    head_delta = self.flow[to];
                    head_out = to as u32;
                }
                to = self.parent[to] as usize;
            }
        }
        let on_tail_side = tail_delta < head_delta;
        let (delta, out) = if on_tail_side { (tail_delta, tail_out) } else { (head_delta, head_out) };
        (delta != i64::MAX).then_some(Block { delta, out, on_tail_side, join: from as u32 })
    }

    /// Moves `people` of a leaf outside the tree from `tail` to `head`; the paths meet at `join`.
    pub fn pass_on(&mut self, tail: u32, head: u32, join: u32, people: i64) {
        self.shift(tail, join, -people);
        self.shift(head, join, people);
    }

    /// Hangs the node `node`, which was not in the tree, under `above` as its first child. The arc leads up.
    pub fn attach(&mut self, node: u32, above: u32, pred: u32, flow: i64, dual: i64) {
        let at = node as usize;
        (self.parent[at], self.pred[at], self.up[at], self.flow[at], self.dual[at]) = (above, pred, true, flow, dual);
        self.size[at] = 1;
        self.last[at] = node;
        self.link(node, self.thread[above as usize]);
        self.link(above, node);
        self.replace_last(above, above, node);
        self.resize(above, 1);
    }

    /// Takes the leaf `node` out of the tree.
    pub fn detach(&mut self, node: u32) {
        let at = node as usize;
        let (above, before) = (self.parent[at], self.back[at]);
        self.replace_last(above, node, before);
        self.link(before, self.thread[at]);
        self.resize(above, -1);
        self.parent[at] = NONE;
        self.size[at] = 0;
    }

    /// Nodes of the subtree of `node`, itself included; 0 for a node outside the tree.
    pub fn size(&self, node: u32) -> u32 {
        self.size[node as usize]
    }

    fn resize(&mut self, mut node: u32, by: i32) {
        while node != NONE {
            let at = node as usize;
            self.size[at] = self.size[at].wrapping_add_signed(by);
            node = self.parent[at];
        }
    }

    /// Lets the arc `arc` from `tail` to `head` enter and the blocking arc leave. `violation` is dual(tail) − dual(head) − cost > 0.
    pub fn pivot(&mut self, arc: u32, tail: u32, head: u32, violation: i64, block: &Block) {
        if block.delta > 0 {
            self.shift(tail, block.join, -block.delta);
            self.shift(head, block.join, block.delta);
        }
        let (root, above) = if block.on_tail_side { (tail, head) } else { (head, tail) };
        self.rehang(root, above, block.out, block.join);
        let node = root as usize;
        self.parent[node] = above;
        self.pred[node] = arc;
        self.up[node] = block.on_tail_side;
        self.flow[node] = block.delta;
        let change = if block.on_tail_side { -violation } else { violation };
        let mut moved = root;
        for _ in 0..self.size[node] {
            self.dual[moved as usize] += change;
            moved = self.thread[moved as usize];
        }
    }

    /// Adds `people` to upward arcs and takes them from downward arcs between `node` and `join`.
    fn shift(&mut self, node: u32, join: u32, people: i64) {
        let mut node = node as usize;
        while node != join as usize {
            self.flow[node] += if self.up[node] { people } else { -people };
            node = self.parent[node] as usize;
        }
    }

    /// Cuts the subtree of `out`, makes `root` (inside it) its root and hangs it under `above` (outside it). The arc of `root` to
    /// `above` is set by the caller.
    fn rehang(&mut self, root: u32, above: u32, out: u32, join: u32) {
        let old_above = self.parent[out as usize];
        let moved = self.size[out as usize];
        let old_last = self.last[out as usize];
        let before = self.back[out as usize];
        self.replace_last(old_above, old_last, before);
        let mut node = old_above;
        while node != join {
            self.size[node as usize] -= moved;
            node = self.parent[node as usize];
        }
        node = above;
        while node != join {
            self.size[node as usize] += moved;
            node = self.parent[node as usize];
        }
        self.link(before, self.thread[old_last as usize]);

        let mut stem = std::mem::take(&mut self.stem);
        stem.clear();
        node = root;
        while node != out {
            stem.push(node);
            node = self.parent[node as usize];
        }
        stem.push(out);
        let end = self.reorder(&stem, moved);
        for pair in (1..stem.len()).rev() {
            let (child, new_above) = (stem[pair] as usize, stem[pair - 1]);
            self.parent[child] = new_above;
            self.pred[child] = self.pred[new_above as usize];
            self.up[child] = !self.up[new_above as usize];
            self.flow[child] = self.flow[new_above as usize];
        }
        for &node in &stem {
            self.last[node as usize] = end;
        }
        self.stem = stem;

        self.link(end, self.thread[above as usize]);
        self.link(above, root);
        self.replace_last(above, above, end);
    }

    /// Threads the cut subtree anew in preorder from its new root, `stem[0]`; sets the sizes on the stem; returns the last node.
    fn reorder(&mut self, stem: &[u32], moved: u32) -> u32 {
        let first = stem[0] as usize;
        let mut end = self.last[first];
        // Of the stem node handled before: old last node, old size, the node before and after its old subtree.
        let mut old_last = end;
        let mut old_size = self.size[first];
        let mut before = self.back[first];
        let mut after = self.thread[end as usize];
        self.size[first] = moved;
        for &node in &stem[1..] {
            let place = node as usize;
            let (this_last, this_size, this_before) = (self.last[place], self.size[place], self.back[place]);
            let rest_last = if this_last == old_last {
                before
            } else {
                let next = self.thread[this_last as usize];
                self.link(before, after);
                after = next;
                this_last
            };
            self.link(end, node);
            end = rest_last;
            self.size[place] = moved - old_size;
            (old_last, old_size, before) = (this_last, this_size, this_before);
        }
        end
    }

    /// From `node` upwards, as long as subtrees end in `old`, lets them end in `new`.
    fn replace_last(&mut self, mut node: u32, old: u32, new: u32) {
        while node != NONE && self.last[node as usize] == old {
            self.last[node as usize] = new;
            node = self.parent[node as usize];
        }
    }

    fn link(&mut self, node: u32, next: u32) {
        self.thread[node as usize] = next;
        self.back[next as usize] = node;
    }
}
