//! Fine-tuning and "Train here" in Chinese.

use engine::training::Phase;

use crate::words::training::{BuildWords, TrainWords, TuningWords};
use crate::words::{grouped, sentence};

/// The panel's part on fine-tuning.
pub(super) const TUNING: TuningWords = TuningWords {
    title: (
        "微调",
        "数据包的序列编码器保持原样。它旁边的小适配器只有几千个数，在这台设备的 worker 里按你的选择训练；只有更好地预测了留出的选择，才会启用。",
    ),
    no_encoder: "这个数据包没有序列编码器，所以没有可微调的。",
    not_built: "这个页面不带训练器，所以编码器保持原样。",
    waits: "页面空闲几秒后开始。",
    saves_data: |size| format!("你的浏览器要求节省流量，所以没有下载训练器（{size}）。"),
    little_memory: |size| format!("这台设备内存较少，所以训练器（{size}）不会自行启动。"),
    adapt_here: "在此微调",
    loading: |size| format!("正在下载训练器，{size}。"),
    ready: "选择还太少。再有几次就开始。",
    earlier: |n| format!("已在之前的访问中按你的 {}微调。", choices(n)),
    tuned: |n, before, after| {
        format!(
            "已按你的 {}微调：留出损失 {before:.3} → {after:.3} nats。",
            choices(n)
        )
    },
    rejected: |n, why| {
        format!(
            "最近一次尝试（按你的 {}）没有启用：{}",
            choices(n),
            sentence(why)
        )
    },
    failed: sentence,
    stays: |n| format!("按 {}微调的结果仍在使用。", choices(n)),
    gave_up: |why| {
        let why = sentence(why);
        let off = "训练器一再停止，已经关闭。没有它，列表照样学习。";
        format!("{why} {off}").trim_start().to_owned()
    },
    again: "再试一次",
    loss: (
        "留出损失",
        "这次尝试没有用来训练的那些选择的 −ln p 平均值，以 nats/次计；p 是编码器得分的 softmax。越低越好。旁边：同样的选择，用之前的适配器。",
    ),
    nats: |loss| format!("{loss:.3} nats"),
    before: |loss| format!("之前 {loss:.3}"),
    time: (
        "训练器用时",
        "最近一次尝试在训练器 worker 中所有步骤的毫秒数之和。排序器同时照常工作。",
    ),
    steps: |n| format!("{} 步", grouped(n as usize)),
    dispatches: (
        "GPU 调度",
        "训练器启动以来发给显卡的内核数，由 worker 统计。在 CPU 上没有。",
    ),
    dispatched_on: ["全在 CPU 上", "启动以来"],
    memory: (
        "训练器内存",
        "训练器的 WebAssembly 内存，在这台设备的内存里。旁边：排序器的内存。",
    ),
    beside_ranker: |size| format!("排序器 {size}"),
    build: BuildWords {
        title: (
            "在哪里训练",
            "训练器有两个版本。CPU 版较小。显卡可用时会下载 WebGPU 版；然后用训练中真正使用的批次给两者计时，每类工作交给较快的一个。",
        ),
        rows: [
            (
                "微调一步",
                "预热之后，适配器一步的毫秒数的中位数，在这里测得。",
            ),
            (
                "训练一步",
                "预热之后，“在此训练”一步的毫秒数的中位数，每步 32 个序列、每个 50 次选择，在这里测得。",
            ),
        ],
        columns: ["步骤", "cpu", "webgpu"],
        chosen: "使用中",
        first: "先用 cpu 版：它小，到处都能运行。",
        timing: "正在这台设备上给两个版本计时。",
        forced: "页面地址要求使用这个版本。",
        none: |why| format!("在 cpu 上。这里没有 WebGPU：{}", sentence(why)),
        software: |name| format!("在 cpu 上。这里的 WebGPU 只是软件实现（{name}），会更慢。"),
        measured: |adapter, earlier| {
            let when = if earlier {
                "之前的访问中"
            } else {
                "刚才"
            };
            format!("每类步骤都用较快的版本，{when}以 {adapter} 计时。")
        },
        failed: |why| {
            format!("在 cpu 上，因为 WebGPU 失败了。{}", sentence(why))
                .trim_end()
                .to_owned()
        },
        on_cpu: |why| {
            let why = match sentence(why) {
                why if why.is_empty() => "WebGPU 停止了。".to_owned(),
                why => format!("{why} "),
            };
            format!("{why}训练在 cpu 上继续，什么都没有丢失。")
        },
        restarted: "训练器已重新启动，什么都没有丢失。",
    },
};

/// "Train here".
pub(super) const TRAIN: TrainWords = TrainWords {
    title: "在此训练",
    busy: |percent| format!("训练中 {percent} %"),
    paused: "已暂停",
    done: "数据包已就绪",
    lede: "一份目录，加上一份人们选择的日志，就在这个浏览器里变成模型。没有文件离开这台设备。",
    close: "关闭",
    close_running: "关闭，继续训练",

    drop: "把目录和日志拖到这里，或者",
    choose: "选择文件",
    formats: [
        (
            "目录",
            ".csv 或 .json：id、title；如果有，还有 year、creator、url、image。其余每一列是一类标签。",
        ),
        (
            "日志",
            ".csv 或 .jsonl：visitor、item、time；如果有，还有 value。也可以是 .inter、ratings.dat 和 u.data。",
        ),
    ],
    remove: |name| format!("移除 {name}"),
    own_history: |n| match n {
        0 => "也从我在这里的历史学习".into(),
        n => format!("也从我在这里的历史学习（{}）", events(n)),
    },
    own_history_tip: [
        "你在这个页面上的选择，加上数据包的编码器生成的序列，后者代替它的访客。没有文件时，使用这个页面的目录。",
        "这个页面的数据包没有序列编码器，所以这里用不上你的历史。",
    ],
    settings: "设置",
    epochs: (
        "最多轮数",
        "遍历日志的次数。若干轮验证没有改善，就提前结束。",
    ),
    batch: ("每步序列数", "越多，显卡利用得越好，所需内存也越多。"),
    history: ("每个序列的选择数", "更长的历史按这个长度切开。"),
    start: "开始训练",
    needs: "请添加文件，或者勾选自己的历史，然后开始。",
    fetches: |cpu, webgpu| match webgpu {
        None => format!("开始时会下载训练器，{cpu}。"),
        Some(webgpu) => format!(
            "开始时会下载训练器，{cpu}；如果显卡可用，再下载 {webgpu}，看看在这里哪个更快。"
        ),
    },
    fetched: "训练器已经在这台设备上。",
    unreadable: |name| format!("浏览器读不出 {name}。文件移动过吗？请重新选择。"),
    not_built: "这个页面不带训练器。用 `cargo xtask dist` 构建它，或者用 `honeyguide pretrain` 训练。",

    offer: |stored| {
        if stored.name.is_empty() {
            return "有一次训练没有完成。".into();
        }
        format!(
            "{} 的训练没有完成：第 {} 轮，共 {} 轮。",
            stored.name, stored.epoch, stored.epochs
        )
    },
    stored_ago: |minutes| match minutes {
        m if m < 1.5 => "1 分钟前存在这台设备上。".into(),
        m if m < 90.0 => format!("{m:.0} 分钟前存在这台设备上。"),
        m if m < 36.0 * 60.0 => format!("{:.0} 小时前存在这台设备上。", m / 60.0),
        m => format!("{:.0} 天前存在这台设备上。", m / 1440.0),
    },
    go_on: "继续",
    discard: "放弃",
    begin_anew: "放弃，训练新的",
    open: "查看",

    preparing: [
        "正在下载训练器。",
        "正在这台设备上给两个版本计时。",
        "正在寻找没有完成的训练。",
    ],
    phase: |phase, epoch, epochs| match phase {
        Phase::Reading => "正在读取文件。".into(),
        Phase::Training => format!(
            "训练中，第 {} 轮，最多 {epochs} 轮。",
            (epoch + 1).min(epochs)
        ),
        Phase::Validating => format!("第 {} 轮之后，正在为留出的访客排名。", epoch.max(1)),
        Phase::Paused => "已暂停。训练存在这台设备上，刷新后还在。".into(),
        Phase::Packing => "正在写数据包。".into(),
    },
    data: |items, visitors, choices| {
        format!(
            "{} 个条目，{} 位访客，{} 次选择",
            grouped(items as usize),
            grouped(visitors as usize),
            grouped(choices as usize)
        )
    },
    progress: "训练进度",
    steps: |done, all| {
        format!(
            "第 {} 步，共 {} 步",
            grouped(done as usize),
            grouped(all as usize)
        )
    },
    loss: (
        "训练损失",
        "本轮至今对下一次选择的交叉熵平均值，以 nats/次计。越低越好。最右边的点是正在进行的一轮。",
    ),
    ndcg: (
        "验证 NDCG@10",
        "对最后一次选择被留出的访客：如果它在整个目录的前十名中，计 1 / log2(1 + 名次)，否则计 0；取平均值。越高越好。虚线是同样访客上的流行度排序。",
    ),
    popularity: "流行度",
    epoch: "轮",
    loss_text: |ends| match ends {
        None => "还没有训练损失。".into(),
        Some((first, last)) => format!("训练损失从 {first:.2} 到 {last:.2} nats/次。"),
    },
    ndcg_text: |values, popularity| match values {
        None => "验证 NDCG@10 在第一轮之后给出。".into(),
        Some((last, best)) => {
            format!("验证 NDCG@10 为 {last:.3}，最好 {best:.3}；流行度排序为 {popularity:.3}。")
        }
    },
    rate: ("速率", "最近几步中，每秒训练的选择数。"),
    left: (
        "剩余时间",
        "剩余步数除以至今的速率，含验证。提前停止会更早结束。",
    ),
    seconds: |seconds| match seconds {
        s if !s.is_finite() || s < 0.0 => "–".into(),
        s if s < 90.0 => format!("{s:.0} 秒"),
        s if s < 5400.0 => format!("{:.0} 分钟", s / 60.0),
        s => format!("{:.1} 小时", s / 3600.0),
    },
    backend: (
        "运行于",
        "cpu：worker 中带 SIMD 的 WebAssembly。webgpu：显卡。",
    ),
    memory: ("内存", "训练器的 WebAssembly 内存，在这台设备的内存里。"),
    dispatches: ("GPU 调度", "worker 启动以来发给显卡的内核数。"),
    pause: "暂停",
    resume: "继续",
    finish: ("现在完成", "结束训练，用至今最好的权重生成数据包。"),
    cancel: "取消",
    cancel_question: "放弃这次训练？",
    cancel_yes: "放弃",
    cancel_no: "继续",
    ending: "这一步之后结束。",

    finished: "数据包已就绪",
    verdict: |encoder, popularity| {
        if encoder > popularity {
            let times = encoder / popularity.max(1e-6);
            if times < 20.0 {
                format!("在留出的选择上，编码器的排名效果是流行度的 {times:.1} 倍。")
            } else {
                "在留出的选择上，编码器的排名效果好于流行度。".into()
            }
        } else {
            "在留出的选择上，编码器的排名效果不比流行度好。更多选择或更多轮数也许有用；数据包的融合权重决定它占多少。".into()
        }
    },
    encoder: "编码器",
    download: |size| format!("下载数据包，{size}"),
    use_it: |name| format!("用它提供服务：honeyguide serve --pack {name}"),
    another: "再训练一个",
    dropped: "训练已放弃。",
    nothing_stored: "没有存下可以继续的训练。请重新选择文件。",
    gave_up: |why| {
        format!(
            "{} 训练器现在无法在这个浏览器里运行。已存下的都保留着：刷新后可以继续。",
            sentence(why)
        )
        .trim_start()
        .to_owned()
    },
    ready_notice: "训练完成，可以下载数据包了。",
};

fn choices(n: u32) -> String {
    format!("{} 次选择", grouped(n as usize))
}

fn events(n: u32) -> String {
    format!("{} 个事件", grouped(n as usize))
}
