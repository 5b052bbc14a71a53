// What the page itself says, beside what is found; English and Chinese.
export const LANGUAGES = ["en", "zh"];

export const WORDS = {
  title: ["Check evidence", "核验证据"],
  other: ["中文", "English"],
  lead: [
    "Shows what a bundle of evidence or a proof from a lender's evidence log proves. It works in this browser alone: nothing is sent anywhere, and no network is needed.",
    "核验证据包或机构存证日志的证明，说明其证明了什么。全部在本浏览器内完成：不上传任何内容，也无需联网。",
  ],
  files: ["Bundle or proof", "证据包或证明"],
  choose: ["Choose files", "选择文件"],
  none_chosen: ["or drop them here", "或拖放到此处"],
  files_hint: [
    "A bundle (.zip); or the PDF of a notice; or a record and its proof; or a decision; or an earlier checkpoint and its continuation.",
    "证据包（.zip）；或通知的 PDF；或一条记录及其证明；或一份决定；或较早的签名树根及其延续证明。",
  ],
  key: ["Public key of the log", "日志公钥"],
  key_hint: [
    "As you got it from elsewhere: from a contract, from what the lender published before, or from a witness. Without it, a bundle is checked by the key that it brings itself.",
    "请采用从别处取得的公钥：合同所载、机构此前公布，或由见证方提供。若不填写，则使用证据包自带的公钥核验。",
  ],
  witnesses: ["Public keys of witnesses, one a line (optional)", "见证方公钥，每行一个（可不填）"],
  nothing_yet: ["Nothing was checked yet.", "尚未核验。"],
  checking: ["Checking…", "核验中……"],
  marks: [["holds", "does not hold", "not checked"], ["成立", "不成立", "未核验"]],
  proved: ["What is proved", "已证明的内容"],
  not_proved: ["What is not proved", "未证明的内容"],
  found: ["Each thing that was checked", "逐项核验结果"],
  more: ["Show the remaining {count}", "显示其余 {count} 项"],
  nothing_proved: [
    "Nothing. What does not hold is named below. Do not rely on any part of it: ask whoever gave it to you for another one.",
    "无。不成立之处见下。请勿依赖其中任何部分，应要求提供方重新出具。",
  ],
  records: [
    "Records that stand in the log byte for byte as they are here: {count}. The log's key signed the log with them in it.",
    "{count} 条记录与日志中的记录逐字节一致，且日志密钥签署了包含这些记录的日志。",
  ],
  facts: [
    "Facts that are those which the records committed to when they were written: {count}.",
    "所出示的 {count} 项事实，正是记录写下时所承诺的事实。",
  ],
  decisions: [
    "Decisions that are among those which the records of their day runs cover: {count}.",
    "{count} 项决定属于当日跑批存证记录所覆盖的决定。",
  ],
  handed: [
    "These are the files that the lender handed over, and no others: its record of that, in the log, names their list by its hash.",
    "这些正是机构交付的文件，不多不少：日志中的交付记录以哈希载明其清单。",
  ],
  consistent: [
    "The newest checkpoint continues the one that the proofs lead to: nothing before it was changed or taken out.",
    "最新的签名树根延续了各证明所依据的签名树根：其间未改动、未删除任何内容。",
  ],
  witnessed: [
    "A witness signed: what it signed existed by then, and it had seen no other log of this name.",
    "有见证方签署：其所签内容在该时刻之前已存在，且未见过同名的另一份日志。",
  ],
  compare: ["Compare the key: it came with the bundle.", "请比对公钥：该公钥随证据包而来。"],
  not_own: [
    "That the key is the lender's. It came with the bundle; compare it with one that you got from elsewhere.",
    "公钥确属该机构。该公钥随证据包而来，请与从别处取得的公钥比对。",
  ],
  not_handed: [
    "Which files were handed over: the bundle brings no proof of the record of it. Files that no record commits to rest on the bundle's own list.",
    "交付了哪些文件：证据包未附交付记录的证明，未被记录承诺的文件仅以其自带清单为据。",
  ],
  not_rendering: [
    "That what the lender made for reading, the timeline above all, says what the records say: compare.",
    "机构制作的阅读材料（尤其是时间线）与记录所述一致：请自行比对。",
  ],
  not_true: [
    "That what a record says is true. It shows that the lender wrote it then and has not changed it since.",
    "记录所述内容属实。它只表明机构当时写下了该内容，此后未作改动。",
  ],
  not_whole: [
    "That nothing is left out: the lender chose what is here. Ask for the records whose places are missing.",
    "没有遗漏。收录范围由机构选定；如位次有缺，可要求机构补充出示。",
  ],
  not_who: [
    "Who a pseudonym is. Facts that are not shown stay closed; the lender may open them one by one.",
    "假名对应何人。未出示的事实保持封存，机构可逐项开启。",
  ],
  not_when: [
    "The instant, beyond the lender's word: no witness's signature was checked.",
    "时刻仅为机构自述：未核验任何见证方签名。",
  ],
  not_stamps: [
    "Time stamps and anchors on a chain: this page does not check them, and calls none of them good.",
    "时间戳与链上锚定：本页不作核验，也不认定其有效。",
  ],
};
