use engine::training::{Backend, Fault, News, StoredTraining, WebgpuSupport};

use super::*;

const CPU: Backend = Backend::Cpu;
const WEBGPU: Backend = Backend::Webgpu;

fn setup() -> Setup {
    Setup {
        cpu: true,
        webgpu: true,
        encoder: true,
        version: "1".into(),
        ..Setup::default()
    }
}

/// A conductor, a clock, and the numbers of the workers that it started.
struct Stage {
    conductor: Conductor,
    now: f64,
    lives: [u32; 2],
}

impl Stage {
    fn new(setup: Setup) -> Self {
        Self {
            conductor: Conductor::new(setup),
            now: 0.0,
            lives: [0; 2],
        }
    }

    fn hear(&mut self, event: Event) -> Vec<Command> {
        self.now += 1.0;
        let commands = self.conductor.hear(event, self.now);
        for command in &commands {
            if let Command::Start(backend, life) = command {
                self.lives[*backend as usize] = *life;
            }
        }
        commands
    }

    fn news(&mut self, backend: Backend, news: News) -> Vec<Command> {
        let life = self.lives[backend as usize];
        self.hear(Event::News(backend, life, news))
    }

    fn gone(&mut self, backend: Backend) -> Vec<Command> {
        let life = self.lives[backend as usize];
        self.hear(Event::Gone(backend, life, String::new()))
    }

    fn open(&mut self, backend: Backend, webgpu: WebgpuSupport) -> Vec<Command> {
        self.news(
            backend,
            News::Opened {
                backend,
                adapter: String::new(),
                software: false,
                webgpu,
            },
        )
    }

    fn probed(&mut self, backend: Backend, adapt: f32, pretrain: f32) -> Vec<Command> {
        self.news(backend, News::Probed { adapt, pretrain })
    }

    /// A training that runs on the CPU.
    fn training() -> Self {
        let mut stage = Self::new(setup());
        stage.hear(Event::Begin);
        stage.open(CPU, none());
        assert_eq!(
            stage.news(CPU, News::Stored(None)),
            [Command::Pretrain(CPU)]
        );
        stage
    }
}

fn none() -> WebgpuSupport {
    WebgpuSupport::None("no adapter".into())
}

fn hardware() -> WebgpuSupport {
    WebgpuSupport::Hardware("card".into())
}

fn stored() -> StoredTraining {
    StoredTraining {
        name: "films".into(),
        epoch: 3,
        epochs: 20,
        at: 0.0,
    }
}

fn started(commands: &[Command], backend: Backend) -> bool {
    commands
        .iter()
        .any(|command| matches!(command, Command::Start(b, _) if *b == backend))
}

#[test]
fn nothing_is_fetched_unless_wanted() {
    let mut stage = Stage::new(setup());
    assert_eq!(stage.hear(Event::TryWebgpu), []);
    let mut plain = Stage::new(Setup {
        encoder: false,
        ..setup()
    });
    assert_eq!(plain.hear(Event::Adapt), []);
    assert!(started(&stage.hear(Event::Adapt), CPU));
}

#[test]
fn fine_tuning_begins_on_the_cpu_and_moves_to_the_faster_build() {
    let mut stage = Stage::new(setup());
    stage.hear(Event::Adapt);
    assert_eq!(
        stage.open(CPU, hardware()),
        [Command::Connect(CPU), Command::Order(CPU, Plain::Adapt)]
    );
    assert!(started(&stage.hear(Event::TryWebgpu), WEBGPU));
    assert_eq!(
        stage.open(WEBGPU, none()),
        [Command::Order(CPU, Plain::Probe)]
    );
    assert_eq!(
        stage.probed(CPU, 9.0, 90.0),
        [Command::Order(WEBGPU, Plain::Probe)]
    );
    let commands = stage.probed(WEBGPU, 3.0, 900.0);
    assert!(matches!(&commands[0], Command::Remember(m) if m.adapter == "card"));
    assert_eq!(
        commands[1..],
        [
            Command::Stop(CPU),
            Command::Connect(WEBGPU),
            Command::Order(WEBGPU, Plain::Adapt)
        ]
    );
    assert_eq!(stage.conductor.choice().adapt, WEBGPU);
    assert_eq!(stage.conductor.choice().pretrain, CPU);
}

#[test]
fn a_remembered_measurement_fetches_nothing_for_nothing() {
    let times = |adapt| StepTimes {
        adapt,
        pretrain: adapt,
    };
    let measured = Measured {
        adapter: "card".into(),
        version: "1".into(),
        cpu: times(1.0),
        webgpu: times(2.0),
    };
    let remembered = Some(measured.clone());
    let mut stage = Stage::new(Setup {
        remembered,
        ..setup()
    });
    stage.hear(Event::Adapt);
    stage.open(CPU, hardware());
    assert_eq!(stage.hear(Event::TryWebgpu), []);

    // Another adapter, or another page, is measured again.
    for changed in [
        Measured {
            adapter: "other".into(),
            ..measured.clone()
        },
        Measured {
            version: "0".into(),
            ..measured
        },
    ] {
        let remembered = Some(changed);
        let mut stage = Stage::new(Setup {
            remembered,
            ..setup()
        });
        stage.hear(Event::Adapt);
        stage.open(CPU, hardware());
        assert!(started(&stage.hear(Event::TryWebgpu), WEBGPU));
    }
}

#[test]
fn software_is_taken_only_when_asked_for() {
    let mut stage = Stage::new(setup());
    stage.hear(Event::Adapt);
    stage.open(CPU, WebgpuSupport::Software("llvmpipe".into()));
    assert_eq!(stage.hear(Event::TryWebgpu), []);
    let mut forced = Stage::new(Setup {
        forced: Some(WEBGPU),
        ..setup()
    });
    let commands = forced.hear(Event::Adapt);
    assert!(started(&commands, WEBGPU) && !started(&commands, CPU));
}

#[test]
fn a_lost_device_goes_on_on_the_cpu_and_webgpu_stays_out() {
    let mut stage = Stage::new(Setup {
        forced: Some(WEBGPU),
        ..setup()
    });
    stage.hear(Event::Begin);
    stage.open(WEBGPU, none());
    stage.news(WEBGPU, News::Stored(None));
    let message = String::from("The graphics device was lost.");
    let commands = stage.news(
        WEBGPU,
        News::Failed {
            fault: Fault::DeviceLost,
            message: message.clone(),
        },
    );
    assert_eq!(commands[0], Command::Stop(WEBGPU));
    assert_eq!(commands[1], Command::Tell(Told::OnCpu(message)));
    assert!(started(&commands, CPU));
    stage.open(CPU, hardware());
    assert_eq!(
        stage.news(CPU, News::Stored(Some(stored()))),
        [Command::Order(CPU, Plain::Resume)]
    );
    assert_eq!(*stage.conductor.job(), Job::Runs { paused: false });
    assert_eq!(stage.hear(Event::TryWebgpu), []);
}

#[test]
fn a_dead_cpu_worker_is_replaced_once_a_minute() {
    let mut stage = Stage::training();
    stage.hear(Event::Pause);
    let commands = stage.gone(CPU);
    assert!(started(&commands, CPU));
    assert!(commands.contains(&Command::Tell(Told::Restarted)));
    stage.open(CPU, none());
    assert_eq!(
        stage.news(CPU, News::Stored(Some(stored()))),
        [
            Command::Order(CPU, Plain::Resume),
            Command::Order(CPU, Plain::Pause)
        ]
    );
    let commands = stage.gone(CPU);
    assert!(!started(&commands, CPU));
    assert!(commands.contains(&Command::Tell(Told::GaveUp(String::new()))));
    assert!(stage.conductor.given_up());

    // The visitor may ask again, and a minute later one more death is forgiven.
    assert!(started(&stage.hear(Event::GoOn), CPU));
    stage.open(CPU, none());
    stage.now += 2.0 * WINDOW;
    assert!(started(&stage.gone(CPU), CPU));
}

#[test]
fn lost_before_the_first_checkpoint_it_begins_anew() {
    let mut stage = Stage::training();
    stage.gone(CPU);
    stage.open(CPU, none());
    assert_eq!(
        stage.news(CPU, News::Stored(None)),
        [Command::Pretrain(CPU)]
    );
}

#[test]
fn a_stored_training_is_never_overwritten_unasked() {
    let mut stage = Stage::new(setup());
    stage.hear(Event::Begin);
    stage.open(CPU, none());
    stage.news(CPU, News::Stored(Some(stored())));
    assert_eq!(*stage.conductor.job(), Job::Offered(stored()));
    stage.hear(Event::BeginAnew);
    let commands = stage.open(CPU, none());
    assert!(commands.contains(&Command::Order(CPU, Plain::Cancel)));
    assert_eq!(
        stage.news(CPU, News::Cancelled),
        [Command::Order(CPU, Plain::Stored)]
    );
    assert_eq!(
        stage.news(CPU, News::Stored(None)),
        [Command::Pretrain(CPU)]
    );
}

#[test]
fn a_training_waits_until_the_builds_are_timed_and_then_moves() {
    let mut stage = Stage::new(Setup {
        encoder: false,
        ..setup()
    });
    assert!(started(&stage.hear(Event::Begin), CPU));
    assert!(started(&stage.open(CPU, hardware()), WEBGPU));
    stage.open(WEBGPU, none());
    stage.probed(CPU, 1.0, 100.0);
    let commands = stage.probed(WEBGPU, 5.0, 10.0);
    assert_eq!(
        commands[1..],
        [Command::Stop(CPU), Command::Order(WEBGPU, Plain::Stored)]
    );
    stage.news(WEBGPU, News::Stored(None));
    // Without an encoder in the pack nothing is left to do afterwards.
    let pack = News::Packed {
        bytes: Vec::new(),
        file_name: "films.hgpack".into(),
        ndcg: 0.2,
        popularity_ndcg: 0.1,
    };
    assert_eq!(
        stage.news(WEBGPU, pack),
        [Command::Tell(Told::Packed), Command::Stop(WEBGPU)]
    );
    assert_eq!(stage.conductor.active(), None);
}

#[test]
fn a_build_that_fails_while_it_is_timed_leaves_the_cpu_at_work() {
    let mut stage = Stage::new(setup());
    stage.hear(Event::Adapt);
    stage.open(CPU, hardware());
    stage.hear(Event::TryWebgpu);
    let commands = stage.gone(WEBGPU);
    assert_eq!(commands, [Command::Stop(WEBGPU)]);
    assert_eq!(stage.conductor.active(), Some((CPU, true)));
    assert!(matches!(stage.conductor.choice().why, Why::Failed(_)));
}

#[test]
fn bad_files_end_the_training_and_nothing_else() {
    let mut stage = Stage::training();
    let message = String::from("log.csv, line 3: no column item");
    let failed = News::Failed {
        fault: Fault::Data,
        message: message.clone(),
    };
    let commands = stage.news(CPU, failed);
    assert_eq!(commands[0], Command::Tell(Told::JobFailed(message)));
    assert_eq!(*stage.conductor.job(), Job::None);
    assert!(!stage.conductor.given_up());
}

#[test]
fn a_checkpoint_that_cannot_be_read_is_written_over_or_told_of() {
    let failed = || News::Failed {
        fault: Fault::Checkpoint,
        message: "unreadable".into(),
    };
    let mut stage = Stage::new(setup());
    stage.hear(Event::Begin);
    stage.open(CPU, none());
    assert_eq!(stage.news(CPU, failed()), [Command::Pretrain(CPU)]);

    let mut stage = Stage::new(setup());
    stage.hear(Event::GoOn);
    stage.open(CPU, none());
    let commands = stage.news(CPU, failed());
    assert_eq!(
        commands[0],
        Command::Tell(Told::JobFailed("unreadable".into()))
    );
}

#[test]
fn news_of_an_earlier_worker_is_ignored() {
    let mut stage = Stage::training();
    let first = stage.lives[0];
    stage.gone(CPU);
    assert_eq!(stage.hear(Event::News(CPU, first, News::Cancelled)), []);
    assert_eq!(stage.hear(Event::Gone(CPU, first, String::new())), []);
}

#[test]
fn a_ranker_that_was_restarted_is_connected_again() {
    let mut stage = Stage::new(setup());
    stage.hear(Event::Adapt);
    stage.open(CPU, none());
    assert_eq!(stage.hear(Event::RankerRestarted), [Command::Connect(CPU)]);
}
