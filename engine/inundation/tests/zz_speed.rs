#![allow(clippy::unwrap_used)]
mod problem;
use dayu_terrain::GridSpec;
#[test]
fn speed() {
    let n: usize = std::env::var("N").map_or(500, |t| t.parse().unwrap());
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 40.0, nx: n, ny: n };
    let bed: Vec<f64> = (0..n * n).map(|c| { let (i, j) = ((c % n) as f64, (c / n) as f64); 20.0 + 5.0 * (i / 23.0).sin() * (j / 31.0).cos() + 0.01 * i }).collect();
    let mut p = problem::on_bed(grid, bed, 0.035);
    p.rain = problem::uniform_rain(&[(0.0, 40.0)]);
    p.initial_depth_m = vec![0.05; n * n];
    p.infiltration_mm_h = vec![2.0; n * n];
    p.drain_mm_h = vec![10.0; n * n];
    p.thresholds_m = vec![0.15, 0.3, 0.5, 1.0];
    p.duration_s = 3600.0 * (250000.0 / (n * n) as f64); p.interval_s = 600.0;
    for threads in std::env::var("T").map_or(vec![1, 2], |t| vec![t.parse().unwrap()]) {
        let cpu = || { let s = std::fs::read_to_string("/proc/self/stat").unwrap(); let w: Vec<&str> = s.split(' ').collect(); (w[13].parse::<f64>().unwrap() + w[14].parse::<f64>().unwrap()) / 100.0 };
        let (t, c) = (std::time::Instant::now(), cpu());
        let r = problem::run_with(threads, &p);
        let s = t.elapsed().as_secs_f64();
        println!("threads {threads} cpu {:.2} s {:.1} Mcell/cpu-s", cpu() - c, r.stats.cell_updates as f64 / (cpu() - c) / 1e6);
        let deep = r.max_depth_m.iter().copied().fold(0.0, f64::max);
        println!("threads {threads}: {} steps dt {:.2} {:.2} s {:.1} Mcell/s err {:e} deep {deep} vmax {}", r.stats.steps, r.stats.dt_mean_s, s, r.stats.cell_updates as f64 / s / 1e6, r.relative_volume_error, r.max_speed_m_s.iter().copied().fold(0.0, f64::max));
    }
}
