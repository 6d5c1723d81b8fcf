//! The clock and the way out, on both sides.

/// Reads the time.
#[cfg(not(target_arch = "wasm32"))]
pub struct Clock(std::time::Instant);

#[cfg(not(target_arch = "wasm32"))]
impl Clock {
    /// Starts at 0.
    pub fn new() -> Self {
        Self(std::time::Instant::now())
    }

    /// Microseconds since the start.
    pub fn micros(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1e6
    }

    /// Prints a row of the table; no cells: the end.
    pub fn tell(&self, cells: &[&str]) {
        if let [name, rest @ ..] = cells {
            print!("{name:<64}");
            rest.iter().for_each(|cell| print!(" {cell:>13}"));
            println!();
        }
    }
}

/// Reads `performance.now()`: steps of 5 µs in a cross-origin isolated worker, else of 100 µs.
#[cfg(target_arch = "wasm32")]
pub struct Clock {
    performance: js_sys::Object,
    now: js_sys::Function,
    post: js_sys::Function,
}

#[cfg(target_arch = "wasm32")]
impl Clock {
    /// Looks the worker's functions up.
    pub fn new() -> Self {
        use wasm_bindgen::JsCast;
        let get = |object: &js_sys::Object, name: &str| {
            js_sys::Reflect::get(object, &name.into()).expect("every worker has it")
        };
        let performance = get(&js_sys::global(), "performance").unchecked_into();
        Self {
            now: get(&performance, "now").unchecked_into(),
            post: get(&js_sys::global(), "postMessage").unchecked_into(),
            performance,
        }
    }

    /// Microseconds since the worker began.
    pub fn micros(&self) -> f64 {
        let now = self.now.call0(&self.performance).ok();
        now.and_then(|now| now.as_f64())
            .expect("now() returns a number")
            * 1e3
    }

    /// Posts a row of the table to the page; no cells: the end.
    pub fn tell(&self, cells: &[&str]) {
        let row: js_sys::Array = cells
            .iter()
            .map(|cell| js_sys::JsString::from(*cell))
            .collect();
        self.post
            .call1(&js_sys::global(), &row)
            .expect("texts can be posted");
    }
}
