//! The lab: what is loaded when it is first needed.

fn main() {
    honeyguide::lab::run();
}
