//! Chinese, in simplified characters.

mod downloads;
pub mod lab;
mod training;

use engine::messages::{EventKind, Why};

use super::{NoticeWords, Words, grouped};

/// The words in Chinese.
pub static ZH: Words = Words {
    lang: "zh-Hans",
    brand: "Honeyguide",
    lede: "点选你喜欢的。列表就在这台设备上学习，什么也不会发出去。",
    skip: "跳到目录",

    for_you: "为你推荐",
    catalogue: "目录",
    filter: "按标题、作者、年份或标签筛选",
    count: |n| format!("{} 个条目", grouped(n)),
    nothing_found: "没有条目含有这些词。",
    nothing_left: "这里的你都看过了。撤销几步，或者全部忘记，就可以重新开始。",

    why,
    why_title: |title| format!("为什么推荐“{title}”："),
    like: |title| format!("喜欢“{title}”"),
    dislike: |title| format!("不喜欢“{title}”"),
    dismiss: |title| format!("对“{title}”不感兴趣"),
    done: |kind| match kind {
        EventKind::Like => "已喜欢",
        EventKind::Dislike => "已标为不喜欢",
        EventKind::Dismiss => "已略过",
        EventKind::Purchase => "已购买",
        _ => "已打开",
    },
    moved: |places| match places {
        n if n < 0 => format!("下降 {} 位", -n),
        n => format!("上升 {n} 位"),
    },
    new: "新",
    preview: |title, rising| match rising {
        [] => format!("“{title}”：不会有条目上升。"),
        rising => {
            let moves: Vec<String> = rising
                .iter()
                .take(3)
                .map(|(title, from, to)| match from {
                    0 => format!("“{title}”升到 {to}"),
                    from => format!("“{title}”{from} → {to}"),
                })
                .collect();
            format!("喜欢“{title}”会带动{}", moves.join("，"))
        }
    },
    updated: "已更新 · 显示",

    undo: "撤销",
    redo: "重做",
    pause: "暂停",
    resume: "继续",
    export: "导出",
    import: "导入",
    forget: "忘记",
    forget_question: "清除在这台设备上学到的一切？",
    forget_yes: "清除",
    forget_no: "保留",
    explore: "探索",
    explore_low: "最有把握",
    explore_high: "多作尝试",
    explore_tip: "越往右，学习器没有把握的条目就提得越靠前，提多少与它没有把握的程度成正比。",

    language: "切换到",
    theme: "配色",
    themes: ["自动", "浅色", "深色"],

    panel: "它怎样学习",
    backend: (
        "运行于",
        "学习器在哪里训练：cpu 是这台设备上的 WebAssembly worker，webgpu 是它的显卡。列表本身总是在 cpu 上、在数据旁边排序。",
    ),
    sent: (
        "已发送字节",
        "按浏览器自己的请求清单统计：页面和 worker 请求的每个资源的查询字符串。这个页面没有带正文的请求。",
    ),
    train: "在此训练",
    loading: "请稍候……",

    notices: NoticeWords {
        no_wasm: "这个浏览器不允许 WebAssembly，所以这里按流行度排列。",
        no_simd: "这个浏览器太旧，没有学习器所需的快速运算（WebAssembly SIMD），所以这里按流行度排列。",
        no_script: "脚本已关闭，所以这里按流行度排列。",
        not_loaded: "页面的一部分没能加载，所以这里按流行度排列。请刷新重试。",
        bad_link: |what| format!("链接里的 {what} 这个页面不认识，已经略去。"),
        trying: (
            "回到我的列表",
            "现在是脚本访客。它的一切都不会保留，你自己的档案原样未动。",
        ),
        lab_away: "页面的这一部分没能加载。请检查网络连接后重试。",
        restarted: "排序器已重新启动，什么都没有丢失。",
        stopped: "排序器现在无法在这个浏览器里运行，列表保持原样。请刷新重试。",
        protocol: "这个页面比它的排序器旧。请刷新以取得新版本。",
        failed: |what| what.to_owned(),
        memory: |reason| {
            let reason = reason.trim_end_matches('.');
            format!("这个浏览器不允许存储（{reason}）。列表照样学习，直到你关闭标签页。")
        },
        other_tab: "档案由这个页面的另一个标签页保管，你在这里的点击会交给它。",
        set_aside: |why| why.to_owned(),
        save_bytes: "存为文件",
        paused: "学习已暂停，这一次没有学进去。",
        forgotten: "全部忘记了，列表从头开始。",
        imported: "档案已导入。",
        unreadable: "浏览器读不出这个文件。请重新选择。",
        not_saved: "浏览器不允许保存这个文件。",
        unknown_item: |item| format!("目录里已经没有条目 {item}。刷新后可以看到现在的条目。"),
        offline: "没有网络连接。页面照常运行，所需的一切都在这台设备上。",
        newer: "这个页面有新版本可用。",
        use_newer: "加载新版本",
        close: "关闭",
    },
};

fn why(why: &Why) -> String {
    match why {
        Why::Because { kind, titles } => {
            let did = match kind {
                EventKind::Like => "喜欢",
                EventKind::Purchase => "买了",
                EventKind::Dislike => "不喜欢",
                EventKind::Dismiss => "略过了",
                EventKind::Search => "搜索过",
                EventKind::Dwell | EventKind::Impression => "看过",
                EventKind::Click => "打开过",
            };
            let titles: Vec<String> = titles.iter().map(|title| format!("“{title}”")).collect();
            format!("因为你{did}{}", titles.join("和"))
        }
        Why::Tags { tags } => format!("你偏爱 {}", listed(tags)),
        Why::Wished { tags } => format!("你想多看 {}", listed(tags)),
        Why::Popular => "流行度排名靠前".into(),
        Why::Exploring => "还没有把握，先看看你的反应".into(),
    }
}

/// The values of tags, as a list in a sentence.
fn listed(tags: &[(String, String)]) -> String {
    let values: Vec<&str> = tags.iter().map(|(_, value)| value.as_str()).collect();
    values.join("、")
}
