//! Resource names and refusals on the wire.

use crate::state::{Run, Served, Shared};
use dayu_pipeline::Failure;
use std::sync::Arc;
use tonic::Status;

/// `districts/{d}/…` → the pieces between the fixed words.
pub fn parts<'a, const N: usize>(name: &'a str, words: [&str; N]) -> Result<[&'a str; N], Status> {
    let pieces: Vec<&str> = name.split('/').collect();
    let fits = pieces.len() == 2 * N
        && words.iter().enumerate().all(|(k, w)| pieces[2 * k] == *w && !pieces[2 * k + 1].is_empty());
    if !fits {
        let shape = words.map(|w| format!("{w}/{{…}}")).join("/");
        return Err(Status::invalid_argument(format!(
            "名称“{name}”应为 {shape} / the name '{name}' must look like {shape}"
        )));
    }
    Ok(std::array::from_fn(|k| pieces[2 * k + 1]))
}

pub fn district<'a>(shared: &'a Shared, name: &str) -> Result<(&'a str, &'a Served), Status> {
    let [id] = parts(name, ["districts"])?;
    shared
        .districts
        .get_key_value(id)
        .map(|(k, v)| (k.as_str(), v))
        .ok_or_else(|| Status::not_found(format!("没有区域“{id}” / no district '{id}'")))
}

pub fn run(shared: &Shared, name: &str) -> Result<Arc<Run>, Status> {
    let [_, _, id] = parts(name, ["districts", "scenarios", "runs"])?;
    let run = shared.runs().get(id).cloned();
    run.filter(|r| r.name == name).ok_or_else(|| Status::not_found(format!("没有运行“{name}” / no run '{name}'")))
}

/// The status of a failure: refused input is the caller's to mend.
pub fn status(failure: &Failure) -> Status {
    match failure {
        Failure::Cancelled => Status::cancelled(failure.to_string()),
        Failure::Usage(_) => Status::failed_precondition(failure.to_string()),
        Failure::Refused(_) => Status::invalid_argument(failure.to_string()),
    }
}

/// A page of a list: items from the token's offset, and the next token.
pub fn page<T>(items: Vec<T>, size: i32, token: &str, default: usize) -> Result<(Vec<T>, String), Status> {
    let size = match size {
        0 => default,
        1..=1000 => size as usize,
        _ => return Err(Status::invalid_argument("page_size 应为 1–1000 / page_size must be 1–1000")),
    };
    let offset: usize = if token.is_empty() {
        0
    } else {
        token.parse().map_err(|_| Status::invalid_argument("page_token 无效 / page_token is not valid"))?
    };
    let end = (offset + size).min(items.len());
    let next = if end < items.len() { end.to_string() } else { String::new() };
    Ok((items.into_iter().skip(offset).take(size).collect(), next))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_taken_apart_or_refused() {
        assert_eq!(parts("districts/a/scenarios/b", ["districts", "scenarios"]).unwrap(), ["a", "b"]);
        assert!(parts("districts/a", ["districts", "scenarios"]).is_err());
        assert!(parts("district/a", ["districts"]).is_err());
        assert!(parts("districts/", ["districts"]).is_err());
    }

    #[test]
    fn pages_cover_everything_once() {
        let all: Vec<u32> = (0..25).collect();
        let (first, token) = page(all.clone(), 10, "", 100).unwrap();
        let (second, token) = page(all.clone(), 10, &token, 100).unwrap();
        let (third, token) = page(all.clone(), 10, &token, 100).unwrap();
        assert_eq!([first, second, third].concat(), all);
        assert!(token.is_empty());
        assert!(page(all, 5000, "", 100).is_err());
    }
}
