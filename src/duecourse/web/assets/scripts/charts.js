// ECharts, cut to what the house draws. A page with charts loads this beside main.js; styles come from the tokens.
import * as echarts from "echarts/core";
import { BarChart, CustomChart, FunnelChart, HeatmapChart, LineChart, SankeyChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  BarChart, CustomChart, FunnelChart, HeatmapChart, LineChart, SankeyChart, AriaComponent, DatasetComponent, GridComponent,
  LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent, CanvasRenderer,
]);

export { echarts };

export function token(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}
