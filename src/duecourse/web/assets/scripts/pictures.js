// Draws what stands in data-chart: the page gives kind, words and numbers; here are form and colour only.
import { echarts, token } from "./charts.js";

const HUES = ["info", "good", "warn", "bad", "accent", "muted"];

const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });

// Colours as numbers: ECharts mixes them itself and reads no newer notation.
function mixed(name, share) {
  const probe = document.createElement("span");
  probe.style.color = `color-mix(in oklab, var(--${name}) ${share}%, var(--surface))`;
  document.body.append(probe);
  canvas.fillStyle = getComputedStyle(probe).color;
  probe.remove();
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
  return `rgb(${r}, ${g}, ${b})`;
}

function ramp(count) {
  return Array.from({ length: count }, (_one, place) => mixed("accent", 25 + Math.round((75 * (place + 1)) / count)));
}

const grouped = (value) => Math.round(value).toLocaleString("en-GB");

function shown(data) {
  if (data.percent) return (value) => (value === null || value === undefined ? "–" : `${(value / 10).toFixed(1)} %`);
  if (data.minor) return (value) => (value / 100).toLocaleString("en-GB", { maximumFractionDigits: 0 });
  return grouped;
}

// Beside bars that lie across each word stands, a sentence in three lines at the most, and the picture is as high as they
// need; the table below it has each sentence whole.
const LINES = { width: 240, overflow: "break", lineHeight: 15, height: 45, lineOverflow: "truncate" };
const sentences = (words) => words.some((one) => one.length > (/[^\x00-\xff]/.test(one) ? 18 : 36));
const high = (words) => `max(17rem, ${words.length * (sentences(words) ? 48 : 26) + 60}px)`;

function axes(data, across) {
  const say = shown(data);
  const ink = { color: token("muted") };
  const words = {
    type: "category", data: data.x, axisLabel: across ? { ...ink, interval: 0, ...(sentences(data.x) ? LINES : {}) } : { ...ink, hideOverlap: true },
    axisLine: { lineStyle: { color: token("line-strong") } }, axisTick: { show: false }, inverse: across, name: data.x_says,
    nameLocation: "middle", nameGap: 28, nameTextStyle: ink,
  };
  const numbers = { type: "value", axisLabel: { ...ink, formatter: say }, splitLine: { lineStyle: { color: token("line") } }, splitNumber: 4, minInterval: data.percent || data.minor ? 0 : 1 };
  return across ? { xAxis: numbers, yAxis: words } : { xAxis: words, yAxis: numbers };
}

function common(data) {
  const say = shown(data);
  return {
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: token("ink") },
    aria: { enabled: true },
    grid: { left: 8, right: 16, top: data.series?.length > 1 ? 36 : 12, bottom: data.x_says ? 28 : 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: data.series?.length > 1 ? { top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: token("muted") } } : undefined,
    tooltip: {
      trigger: "axis", renderMode: "richText", backgroundColor: token("surface"), borderColor: token("line-strong"), textStyle: { color: token("ink") },
      valueFormatter: say, axisPointer: { type: "shadow", shadowStyle: { color: mixed("accent", 8) } },
    },
  };
}

function bars(data, across) {
  const colors = data.stacked ? ramp(data.series.length) : HUES.map(token);
  return {
    ...common(data), ...axes(data, across), color: colors,
    series: data.series.map((one) => ({
      type: "bar", name: one.name, data: one.data, hrefs: one.hrefs, stack: data.stacked ? "all" : undefined, barMaxWidth: 22, barGap: "10%",
      cursor: one.hrefs ? "pointer" : "default",
    })),
  };
}

function lines(data, stacked) {
  return {
    ...common(data), ...axes(data, false), color: stacked ? ramp(data.series.length) : HUES.map(token),
    series: data.series.map((one) => ({
      type: "line", name: one.name, data: one.data, hrefs: one.hrefs, stack: stacked ? "all" : undefined, areaStyle: stacked ? { opacity: 1 } : undefined,
      lineStyle: { width: stacked ? 0 : 2 }, symbolSize: stacked ? 0 : 5, showSymbol: data.x.length < 3, triggerEvent: true,
    })),
  };
}

function heat(data) {
  const most = Math.max(1, ...data.cells.map((one) => one.per_mille));
  return {
    ...common(data), legend: undefined, grid: { left: 8, right: 8, top: 8, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      renderMode: "richText", backgroundColor: token("surface"), borderColor: token("line-strong"), textStyle: { color: token("ink") },
      formatter: (one) => `${data.y[one.value[1]]} → ${data.x[one.value[0]]}\n${one.data.says} · ${grouped(one.data.loans)} ${data.unit}`,
    },
    xAxis: { type: "category", data: data.x, position: "top", axisLabel: { color: token("muted"), interval: 0 }, axisLine: { show: false }, axisTick: { show: false } },
    yAxis: { type: "category", data: data.y, inverse: true, axisLabel: { color: token("muted") }, axisLine: { show: false }, axisTick: { show: false } },
    visualMap: { show: false, min: 0, max: most, inRange: { color: [mixed("accent", 4), mixed("accent", 45)] } },
    series: [{
      type: "heatmap", cursor: "pointer",
      data: data.cells.map((one) => ({
        value: [...one.at, one.per_mille], says: one.says, loans: one.loans, href: one.href,
      })),
      label: { show: true, formatter: (one) => one.data.says.replace(" %", ""), fontSize: 11, color: token("ink") },
      itemStyle: { borderColor: token("surface"), borderWidth: 2 },
    }],
  };
}

function funnel(data) {
  const words = { series: [{ name: "", data: data.steps.map((one) => one.value), hrefs: data.steps.map((one) => one.href) }], x: data.steps.map((one) => one.name) };
  const made = bars(words, true);
  made.series[0].label = { show: true, position: "right", formatter: (one) => grouped(one.value), color: token("ink") };
  made.series[0].colorBy = "data";
  made.color = ramp(data.steps.length).reverse();
  return made;
}

const KINDS = {
  stack: (data) => lines(data, true), lines: (data) => lines(data, false), bars: (data) => bars(data, false), across: (data) => bars(data, true), heat, funnel,
};

const drawn = [];

function draw(place) {
  const data = JSON.parse(place.dataset.chart);
  if (data.kind === "across") place.style.height = high(data.x);
  const chart = echarts.init(place, undefined, { renderer: "canvas" });
  const fill = () => chart.setOption(KINDS[data.kind](data), true);
  fill();
  chart.on("click", (event) => {
    const href = event.data?.href ?? data.series?.[event.seriesIndex]?.hrefs?.[event.dataIndex] ?? data.steps?.[event.dataIndex]?.href;
    if (href) window.location.assign(href);
  });
  drawn.push(fill);
  new ResizeObserver(() => chart.resize()).observe(place);
}

document.querySelectorAll("[data-chart]").forEach(draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach((fill) => fill()));
