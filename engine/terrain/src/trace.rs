use crate::GridSpec;
use geo::{Coord, LineString, MultiPolygon};

/// Direction of the flow through a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// face between a west and an east cell; flow east positive
    X,
    /// face between a south and a north cell; flow north positive
    Y,
}

/// A cell face that a line separates: its flow goes from one side of the line to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrossedFace {
    /// x or y face
    pub axis: Axis,
    /// X: `row * (nx + 1) + column` (column 0 = west side of the grid); Y: `row * nx + column` (row 0 = south side)
    pub index: usize,
    /// +1 when positive flow goes from the left of the line to its right, −1 otherwise
    pub sign: i8,
}

/// Cells whose centre lies inside the polygons, rising. Holes are left out; where polygons overlap a cell is named once.
/// One pass over the edges, not a test per cell.
pub fn cells_in_polygon(grid: &GridSpec, polygons: &MultiPolygon<f64>) -> Vec<usize> {
    let mut cells = Vec::new();
    for polygon in polygons {
        let mut crossings: Vec<(usize, f64)> = Vec::new();
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            for edge in ring.lines() {
                let (low, high) =
                    if edge.start.y <= edge.end.y { (edge.start, edge.end) } else { (edge.end, edge.start) };
                // Rows whose centre line c fulfils low.y <= c < high.y: a vertex counts once.
                let rows = centres_from(low.y, grid.y0_m, grid.cell_m, grid.ny)
                    ..centres_from(high.y, grid.y0_m, grid.cell_m, grid.ny);
                for row in rows {
                    let y = grid.y0_m + (row as f64 + 0.5) * grid.cell_m;
                    crossings.push((row, low.x + (high.x - low.x) * ((y - low.y) / (high.y - low.y))));
                }
            }
        }
        crossings.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        for pair in crossings.chunks_exact(2) {
            let (row, from) = pair[0];
            let (a, b) = (
                centres_from(from, grid.x0_m, grid.cell_m, grid.nx),
                centres_from(pair[1].1, grid.x0_m, grid.cell_m, grid.nx),
            );
            cells.extend((a..b).map(|i| row * grid.nx + i));
        }
    }
    cells.sort_unstable();
    cells.dedup();
    cells
}

/// Number of the first cell whose centre is at or beyond `at_m`, between 0 and `n`.
fn centres_from(at_m: f64, start_m: f64, cell_m: f64, n: usize) -> usize {
    ((at_m - start_m) / cell_m - 0.5).ceil().clamp(0.0, n as f64) as usize
}

/// Cells that a line passes, rising. A line of one point names the cell that holds it.
pub fn cells_on_line(grid: &GridSpec, line: &LineString<f64>) -> Vec<usize> {
    let mut cells: Vec<usize> = line.coords().filter_map(|c| grid.cell_at(c.x, c.y)).collect();
    for edge in line.lines() {
        let (a, b) = if edge.start.y <= edge.end.y { (edge.start, edge.end) } else { (edge.end, edge.start) };
        let row_of = |y: f64| ((y - grid.y0_m) / grid.cell_m).floor();
        let (first, last) = (row_of(a.y).max(0.0), row_of(b.y).min(grid.ny as f64 - 1.0));
        // Empty when the edge lies beyond the grid.
        let rows = if first <= last { first as usize..last as usize + 1 } else { 0..0 };
        for row in rows {
            let (south, north) = (grid.y0_m + row as f64 * grid.cell_m, grid.y0_m + (row + 1) as f64 * grid.cell_m);
            let x_at = |y: f64| if b.y > a.y { a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y)) } else { a.x };
            let (x1, x2) = if b.y > a.y { (x_at(south.max(a.y)), x_at(north.min(b.y))) } else { (a.x, b.x) };
            let column = |x: f64| ((x - grid.x0_m) / grid.cell_m).floor();
            let (west, east) = (column(x1.min(x2)).max(0.0), column(x1.max(x2)).min(grid.nx as f64 - 1.0));
            if west <= east {
                cells.extend((west as usize..=east as usize).map(|i| row * grid.nx + i));
            }
        }
    }
    cells.sort_unstable();
    cells.dedup();
    cells
}

/// Faces that a line separates, with the side their flow goes to. A face is named when the line crosses between the centres of
/// its two cells, so the faces form a closed staircase: what flows through it is what changes sides. Faces on the grid's outer
/// side count with a centre half a cell outside.
pub fn faces_on_line(grid: &GridSpec, line: &LineString<f64>) -> Vec<CrossedFace> {
    let mut faces = Vec::new();
    for edge in line.lines() {
        let (a, b) = (edge.start, edge.end);
        // Looking along the line, right is (dy, -dx): a line going north has east on its right.
        for row in centre_lines(a.y, b.y, grid.y0_m, grid.cell_m, grid.ny) {
            let y = grid.y0_m + (row as f64 + 0.5) * grid.cell_m;
            let x = a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y));
            if let Some(i) = face_at(x, grid.x0_m, grid.cell_m, grid.nx) {
                let sign = if b.y > a.y { 1 } else { -1 };
                faces.push(CrossedFace { axis: Axis::X, index: row * (grid.nx + 1) + i, sign });
            }
        }
        for column in centre_lines(a.x, b.x, grid.x0_m, grid.cell_m, grid.nx) {
            let x = grid.x0_m + (column as f64 + 0.5) * grid.cell_m;
            let y = a.y + (b.y - a.y) * ((x - a.x) / (b.x - a.x));
            if let Some(j) = face_at(y, grid.y0_m, grid.cell_m, grid.ny) {
                let sign = if b.x > a.x { -1 } else { 1 };
                faces.push(CrossedFace { axis: Axis::Y, index: j * grid.nx + column, sign });
            }
        }
    }
    faces.sort_unstable();
    faces
}

/// Rows (columns) whose centre line lies between two coordinates.
fn centre_lines(a: f64, b: f64, start_m: f64, cell_m: f64, n: usize) -> std::ops::Range<usize> {
    centres_from(a.min(b), start_m, cell_m, n)..centres_from(a.max(b), start_m, cell_m, n)
}

/// Face whose two centres lie on either side of a coordinate; `None` beyond half a cell outside the grid.
fn face_at(at_m: f64, start_m: f64, cell_m: f64, n: usize) -> Option<usize> {
    let face = ((at_m - start_m) / cell_m + 0.5).floor();
    (face >= 0.0 && face <= n as f64).then_some(face as usize)
}

/// Cells whose centre lies within `radius_m` of a point, rising; when the circle is too small for any, the cell that holds its
/// centre.
pub fn cells_in_circle(grid: &GridSpec, centre: Coord<f64>, radius_m: f64) -> Vec<usize> {
    let mut cells = Vec::new();
    let rows = centre_lines(centre.y - radius_m, centre.y + radius_m + grid.cell_m, grid.y0_m, grid.cell_m, grid.ny);
    for row in rows {
        let columns =
            centre_lines(centre.x - radius_m, centre.x + radius_m + grid.cell_m, grid.x0_m, grid.cell_m, grid.nx);
        cells.extend(columns.map(|i| row * grid.nx + i).filter(|&cell| {
            let (x, y) = grid.centre(cell);
            let (dx, dy) = (x - centre.x, y - centre.y);
            dx * dx + dy * dy <= radius_m * radius_m
        }));
    }
    if cells.is_empty() {
        cells.extend(grid.cell_at(centre.x, centre.y));
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Contains, Point, polygon};

    const GRID: GridSpec = GridSpec { x0_m: 10.0, y0_m: 20.0, cell_m: 2.0, nx: 23, ny: 17 };

    #[test]
    fn polygon_cells_are_those_with_their_centre_inside() {
        let shape = polygon!(
            exterior: [(x: 12.3, y: 21.1), (x: 50.2, y: 25.7), (x: 44.4, y: 50.9), (x: 30.1, y: 33.3), (x: 13.9, y: 49.5)],
            interiors: [[(x: 25.1, y: 27.2), (x: 35.2, y: 28.8), (x: 33.3, y: 31.1)]],
        );
        let several = MultiPolygon(vec![shape.clone(), shape]);
        let slow: Vec<usize> = (0..GRID.len()).filter(|&c| several.contains(&Point::from(GRID.centre(c)))).collect();
        assert!(slow.len() > 100);
        assert_eq!(cells_in_polygon(&GRID, &several), slow);
    }

    #[test]
    fn shapes_off_the_grid_name_nothing() {
        let away = MultiPolygon(vec![polygon![(x: 0.0, y: 0.0), (x: 5.0, y: 0.0), (x: 5.0, y: 5.0)]]);
        assert!(cells_in_polygon(&GRID, &away).is_empty());
        assert!(cells_on_line(&GRID, &LineString::from(vec![(0.0, 0.0), (5.0, 5.0)])).is_empty());
        assert!(faces_on_line(&GRID, &LineString::from(vec![(0.0, 0.0), (5.0, 5.0)])).is_empty());
        assert!(cells_in_circle(&GRID, Coord { x: 0.0, y: 0.0 }, 3.0).is_empty());
    }

    #[test]
    fn line_cells_hold_every_point_of_the_line() {
        let line = LineString::from(vec![(11.0, 21.0), (44.0, 47.0), (20.5, 47.0), (20.5, 25.0)]);
        let cells = cells_on_line(&GRID, &line);
        for edge in line.lines() {
            for k in 0..=1000 {
                let p = edge.start + edge.delta() * (f64::from(k) / 1000.0);
                assert!(cells.contains(&GRID.cell_at(p.x, p.y).unwrap_or(usize::MAX)));
            }
        }
    }

    #[test]
    fn faces_close_around_a_loop() {
        // Clockwise: the inside is on the right, so every face's positive side points in.
        let ring = LineString::from(vec![(15.2, 25.3), (16.1, 45.2), (40.3, 41.9), (38.8, 24.4), (15.2, 25.3)]);
        let mut divergence = vec![0_i32; GRID.len()];
        for face in faces_on_line(&GRID, &ring) {
            match face.axis {
                Axis::X => {
                    let (row, i) = (face.index / (GRID.nx + 1), face.index % (GRID.nx + 1));
                    divergence[row * GRID.nx + i] += i32::from(face.sign);
                    divergence[row * GRID.nx + i - 1] -= i32::from(face.sign);
                }
                Axis::Y => {
                    divergence[face.index] += i32::from(face.sign);
                    divergence[face.index - GRID.nx] -= i32::from(face.sign);
                }
            }
        }
        assert_eq!(divergence.iter().sum::<i32>(), 0);
        let inside = cells_in_polygon(&GRID, &MultiPolygon(vec![geo::Polygon::new(ring, vec![])]));
        let entered: i32 = inside.iter().map(|&c| divergence[c]).sum();
        assert!(entered > 0 && divergence.iter().enumerate().all(|(c, d)| inside.contains(&c) || *d <= 0));
    }

    #[test]
    fn a_line_going_north_has_east_on_its_right() {
        let faces = faces_on_line(&GRID, &LineString::from(vec![(20.0, 20.0), (20.0, 54.0)]));
        assert_eq!(faces.len(), GRID.ny);
        assert!(faces.iter().all(|f| f.axis == Axis::X && f.sign == 1 && f.index % (GRID.nx + 1) == 5));
        let outer = faces_on_line(&GRID, &LineString::from(vec![(10.0, 54.0), (10.0, 20.0)]));
        assert!(outer.len() == GRID.ny && outer.iter().all(|f| f.sign == -1 && f.index % (GRID.nx + 1) == 0));
    }

    #[test]
    fn circle_is_never_empty_inside_the_grid() {
        assert_eq!(cells_in_circle(&GRID, Coord { x: 15.1, y: 25.1 }, 0.01), vec![2 * GRID.nx + 2]);
        assert_eq!(cells_in_circle(&GRID, Coord { x: 15.0, y: 25.0 }, 2.0).len(), 5);
    }
}
