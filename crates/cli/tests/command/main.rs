//! The `honeyguide` command as its users meet it.

mod packs;
mod training;
mod weights;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn honeyguide(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_honeyguide"))
        .args(arguments)
        .output()
        .expect("the command was built for this test")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// 24 items of two genres; 40 visitors who keep to one, six choices each.
fn write_data(folder: &Path) {
    let mut catalogue = "id,title,year,genres\n".to_owned();
    let mut log = "visitor,item,time\n".to_owned();
    for i in 0..24_u32 {
        let genre = if i.is_multiple_of(2) {
            "Western"
        } else {
            "Musical"
        };
        writeln!(catalogue, "m{i},Item {i},19{:02},{genre}", 50 + i).expect("memory");
    }
    for visitor in 0..40 {
        for step in 0..6 {
            let item = (visitor * 5 + step * 2) % 24 / 2 * 2 + visitor % 2;
            writeln!(
                log,
                "v{visitor},m{item},{}",
                1_700_000_000 + visitor * 100 + step
            )
            .expect("memory");
        }
    }
    fs::write(folder.join("catalogue.csv"), catalogue).expect("a fresh folder is writable");
    fs::write(folder.join("events.csv"), log).expect("a fresh folder is writable");
}
