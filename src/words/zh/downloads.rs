//! The table of downloads in Chinese.

use crate::downloads::{Part, Source};
use crate::words::downloads::DownloadWords;

/// The table's words.
pub(super) const DOWNLOADS: DownloadWords = DownloadWords {
    title: "本次访问的下载",
    columns: ["部分", "网络", "解压后", "来自"],
    part: |part| match part {
        Part::Page => "页面和首个列表",
        Part::Styles => "样式",
        Part::App => "应用",
        Part::Lab => "面板",
        Part::Ranker => "排序器",
        Part::Analyst => "图表",
        Part::Catalogue => "目录",
        Part::TrainerCpu => "训练器（CPU）",
        Part::TrainerWebgpu => "训练器（WebGPU）",
        Part::Pictures => "图片",
        Part::Small => "零碎部分",
        Part::Other => "其他",
    },
    files: |files| match files {
        1 => String::new(),
        files => format!("{files} 个文件"),
    },
    source: |source| match source {
        Source::Network => "网络",
        Source::Confirmed => "这台设备，未变",
        Source::Cache => "这台设备",
        Source::Kept => "这台设备，离线副本",
        Source::Unknown => "未说明",
    },
    total: "合计",
    note: "“未变”经服务器确认；离线副本无须确认。数字由浏览器提供：每次网络应答的标头按 300 字节计。浏览器不提供的有：service worker 为保存页面而取的文件，以及已结束的 worker 取过的文件。",
};
