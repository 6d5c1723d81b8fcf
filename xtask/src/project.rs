//! Where things are, and how processes are started.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

/// Names under which a Chromium that the tests can drive is found on PATH.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The checkout and the folders outside it.
pub struct Project {
    /// The workspace's root.
    pub root: PathBuf,
    /// Cargo's target folder, for everything that is started from here.
    pub target: PathBuf,
    /// Where tools are installed: `$HONEYGUIDE_TOOLS`, else below `~/.cache`.
    pub tools: PathBuf,
}

impl Project {
    /// The project that this program was built from.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in the workspace's root")?
            .to_path_buf();
        let cache = || -> Result<PathBuf> {
            let home = env::home_dir()
                .context("no home folder: set HONEYGUIDE_TOOLS to a folder for tools")?;
            Ok(home.join(".cache/honeyguide"))
        };
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => root.join(dir),
            // A CI checkout is fresh each time; its builds need not be.
            None if env::var_os("CI").is_some_and(|ci| ci == "true") => cache()?.join("target"),
            None => root.join("target"),
        };
        let tools = match env::var_os("HONEYGUIDE_TOOLS") {
            Some(dir) => PathBuf::from(dir),
            None => cache()?.join("tools"),
        };
        Ok(Self {
            root,
            target,
            tools,
        })
    }

    /// The folder of the built page.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// A process in the root, with our tools first on its PATH.
    pub fn command(&self, program: &str) -> Command {
        // The full path, because a command looks for its program on the PATH of this process.
        let program = self.find_program(program).unwrap_or_else(|| program.into());
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("PATH", self.search_path())
            .env("CARGO_TARGET_DIR", &self.target)
            .env("HONEYGUIDE_TOOLS", &self.tools);
        command
    }

    /// A Node process for a script that drives the browser against the built page.
    ///
    /// `binary` is the `honeyguide` command.
    pub fn browser_script(&self, binary: &Path) -> Result<Command> {
        let mut command = self.command("node");
        command
            .env("HONEYGUIDE_BIN", binary)
            .env("HONEYGUIDE_DIST", self.dist())
            .env("HONEYGUIDE_CHROMIUM", self.browser()?);
        Ok(command)
    }

    /// The browser for tests: `$HONEYGUIDE_CHROMIUM`, else the first on PATH.
    pub fn browser(&self) -> Result<PathBuf> {
        if let Some(path) = env::var_os("HONEYGUIDE_CHROMIUM") {
            return Ok(path.into());
        }
        BROWSERS
            .iter()
            .find_map(|name| self.find_program(name))
            .context("no Chromium on PATH: install Debian's `chromium`, or set HONEYGUIDE_CHROMIUM")
    }

    /// Runs a process to its end.
    ///
    /// # Errors
    ///
    /// If it cannot be started or does not succeed; the message holds the command line.
    pub fn run(&self, command: &mut Command) -> Result<()> {
        let line = command_line(command);
        let status = command
            .status()
            .with_context(|| format!("cannot start `{line}`"))?;
        if !status.success() {
            bail!("`{line}` failed ({status})");
        }
        Ok(())
    }

    /// What a process prints, or `None` if there is no such program or it fails.
    pub fn output(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let output = self.command(program).args(arguments).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(text)
    }

    /// The full path of a program on our PATH.
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        env::split_paths(&self.search_path())
            .map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION))
            .find(|path| path.is_file())
    }

    fn search_path(&self) -> OsString {
        let ours = [
            self.tools.join("bin"),
            self.root.join("tests/node_modules/.bin"),
        ];
        let inherited = env::var_os("PATH").unwrap_or_default();
        env::join_paths(ours.into_iter().chain(env::split_paths(&inherited))).unwrap_or(inherited)
    }
}

/// A command as one would type it.
pub fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    [name]
        .into_iter()
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
