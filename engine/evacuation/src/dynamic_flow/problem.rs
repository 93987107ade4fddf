//! A road problem: checked, sorted by id, so that the answer does not depend on the order of the rows.

use crate::order::{id_order, sorted_by_id};
use dayu_base::{Finding, Text};

/// A place where links meet.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowNode {
    /// unique key
    pub id: String,
    /// easting, m
    pub x_m: f64,
    /// northing, m
    pub y_m: f64,
}

/// A link in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowLink {
    /// unique key
    pub id: String,
    /// index of the node it leaves
    pub from: u32,
    /// index of the node it leads to
    pub to: u32,
    /// length, m
    pub metres: u64,
    /// travel time, steps, ≥ 1
    pub steps: u32,
    /// people that may enter per step
    pub people_per_step: u64,
    /// nobody is on it after this step; `None` = never closes
    pub close_step: Option<u32>,
}

/// People who start at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowSource {
    /// index of the node
    pub node: u32,
    /// persons
    pub people: u64,
    /// of them needing help
    pub vulnerable: u64,
    /// ready to leave at this step
    pub ready_step: u32,
}

/// Beds at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowShelter {
    /// index of the node
    pub node: u32,
    /// beds
    pub capacity: u64,
}

/// People, roads that close, beds; made by [`RoadProblem::checked`] only.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadProblem {
    /// last step of the plan
    pub(crate) horizon: u32,
    /// length of a step, s
    pub(crate) step_s: u32,
    pub(crate) vulnerable_first: bool,
    pub(crate) nodes: Vec<FlowNode>,
    pub(crate) links: Vec<FlowLink>,
    pub(crate) sources: Vec<FlowSource>,
    pub(crate) shelters: Vec<FlowShelter>,
}

/// Longest horizon, steps.
const MOST_STEPS: u32 = 1 << 20;
/// Most people in all, as of the assignment.
const MOST_PEOPLE: u64 = 1 << 60;

impl RoadProblem {
    /// Sorts the parts by id and checks what the solver relies on. Indices `from`, `to`, `node` mean the nodes as given.
    ///
    /// # Errors
    /// `EVA-001` an id twice (also two shelters at a node, or two sources at a node and step), `EVA-002` an index that is no node,
    /// `EVA-005` more than can be counted, `EVA-050` a horizon or step out of range, `EVA-051` a link without travel time.
    pub fn checked(
        horizon: u32,
        step_s: u32,
        nodes: Vec<FlowNode>,
        mut links: Vec<FlowLink>,
        mut sources: Vec<FlowSource>,
        mut shelters: Vec<FlowShelter>,
    ) -> Result<Self, Finding> {
        if horizon == 0 || horizon > MOST_STEPS || step_s == 0 {
            return Err(Finding::error(
                "EVA-050",
                Text::new(
                    format!("horizon = {horizon}、step_s = {step_s}：应在 1 至 {MOST_STEPS} 步之间，步长大于 0。"),
                    format!("horizon = {horizon}, step_s = {step_s}: 1 to {MOST_STEPS} steps of more than 0 s."),
                ),
                Text::new("改正文件头。", "Correct the header."),
            )
            .field("horizon"));
        }
        let order = sorted_by_id("nodes", nodes.iter().map(|n| n.id.as_str()))?;
        let mut rank = vec![u32::MAX; nodes.len()];
        for (place, &index) in (0..).zip(&order) {
            rank[index as usize] = place;
        }
        let place = |layer: &str, at: &str, node: u32| {
            rank.get(node as usize).copied().ok_or_else(|| {
                Finding::error(
                    "EVA-002",
                    Text::new(
                        format!("指向不存在的节点 {node}。"),
                        format!("names node {node}, which does not exist."),
                    ),
                    Text::new("改正节点编号。", "Correct the number of the node."),
                )
                .at(format!("{layer} {at}"))
            })
        };
        let most = links.len().max(sources.len()).max(shelters.len()).max(nodes.len());
        let people = sources.iter().try_fold(0_u64, |sum, s| sum.checked_add(s.people));
        if most >= (u32::MAX / 4) as usize || people.is_none_or(|people| people >= MOST_PEOPLE) {
            return Err(Finding::error(
                "EVA-005",
                Text::new(
                    "人数、节点或路段数量超出可计算的范围。",
                    "There are more people, nodes or links than can be counted.",
                ),
                Text::new("检查人数；分区计算。", "Check the numbers of people; solve the areas one by one."),
            )
            .at("sources")
            .field("people"));
        }
        for link in &mut links {
            link.from = place("links", &link.id, link.from)?;
            link.to = place("links", &link.id, link.to)?;
            if link.steps == 0 {
                return Err(Finding::error(
                    "EVA-051",
                    Text::new("路段通行时间为 0 步。", "A link takes 0 steps."),
                    Text::new("通行时间至少为 1 步。", "Every link takes at least 1 step."),
                )
                .at(format!("links {}", link.id))
                .field("steps"));
            }
        }
        let link_order = sorted_by_id("links", links.iter().map(|l| l.id.as_str()))?;
        let links: Vec<FlowLink> = link_order.iter().map(|&k| links[k as usize].clone()).collect();
        for source in &mut sources {
            source.node = place("sources", "", source.node)?;
            source.vulnerable = source.vulnerable.min(source.people);
        }
        for shelter in &mut shelters {
            shelter.node = place("shelters", "", shelter.node)?;
        }
        sources.sort_by_key(|s| (s.node, s.ready_step));
        shelters.sort_by_key(|s| s.node);
        let twice_source = sources.windows(2).find(|p| (p[0].node, p[0].ready_step) == (p[1].node, p[1].ready_step));
        let twice_shelter = shelters.windows(2).find(|p| p[0].node == p[1].node);
        let twice = twice_source.map(|p| ("sources", p[0].node)).or(twice_shelter.map(|p| ("shelters", p[0].node)));
        let nodes: Vec<FlowNode> = order.iter().map(|&k| nodes[k as usize].clone()).collect();
        if let Some((layer, node)) = twice {
            return Err(Finding::error(
                "EVA-001",
                Text::new("同一节点出现两次。", "A node occurs twice."),
                Text::new("合并这两行。", "Make one row of the two."),
            )
            .at(format!("{layer} {}", nodes[node as usize].id))
            .field("node"));
        }
        Ok(Self { horizon, step_s, vulnerable_first: false, nodes, links, sources, shelters })
    }

    /// The same with another order of the objective: fewest unplaced vulnerable people first.
    #[must_use]
    pub fn vulnerable_first(mut self, yes: bool) -> Self {
        self.vulnerable_first = yes;
        self
    }

    /// Last step of the plan.
    pub fn horizon(&self) -> u32 {
        self.horizon
    }
    /// Length of a step, s.
    pub fn step_s(&self) -> u32 {
        self.step_s
    }
    /// Nodes, by id.
    pub fn nodes(&self) -> &[FlowNode] {
        &self.nodes
    }
    /// Links, by id.
    pub fn links(&self) -> &[FlowLink] {
        &self.links
    }
    /// Sources, by node and step.
    pub fn sources(&self) -> &[FlowSource] {
        &self.sources
    }
    /// Shelters, by node.
    pub fn shelters(&self) -> &[FlowShelter] {
        &self.shelters
    }
    /// Whether the vulnerable come first.
    pub fn is_vulnerable_first(&self) -> bool {
        self.vulnerable_first
    }
    /// All people.
    pub fn people(&self) -> u64 {
        self.sources.iter().map(|s| s.people).sum()
    }
    /// Id of a node.
    pub(crate) fn node_id(&self, node: u32) -> &str {
        self.nodes.get(node as usize).map_or("", |n| &n.id)
    }
    /// Index of a node by id.
    pub fn node(&self, id: &str) -> Option<u32> {
        self.nodes.binary_search_by(|n| id_order(&n.id, id)).ok().map(|k| k as u32)
    }
}
