/** The simulated scans as an SVG picture: wall time and peak write rate over the size of the scan, both axes in powers of ten. */
import type { Simulated } from "./scan.ts";

const WIDTH = 760;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 20;
const TOP = 50;
const BOTTOM = 50;
const COLOURS = ["#1f6feb", "#bf5700", "#2da44e", "#8250df"];

interface Line {
  name: string;
  dashed: boolean;
  colour: string;
  points: { x: number; y: number }[];
}

export function picture(all: readonly Simulated[]): string {
  const probers = [...new Set(all.map((one) => one.probers))];
  const lines: Line[] = probers.flatMap((n, i) => {
    const own = all.filter((one) => one.probers === n);
    const colour = COLOURS[i % COLOURS.length] ?? "#000";
    const line = (name: string, dashed: boolean, of: (one: Simulated) => number): Line => ({
      name: `${name}, ${n} probers`,
      dashed,
      colour,
      points: own.map((one) => ({ x: Math.log10(one.endpoints), y: Math.log10(of(one)) })),
    });
    return [
      line("wall time, s", false, (one) => one.wallSeconds),
      line("peak writes, units/s", true, (one) => one.peakUnits),
    ];
  });
  const xs = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const ys = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const [x0, x1] = [Math.floor(Math.min(...xs)), Math.ceil(Math.max(...xs))];
  const [y0, y1] = [Math.floor(Math.min(...ys)), Math.ceil(Math.max(...ys))];
  const px = (x: number) => LEFT + ((x - x0) / (x1 - x0)) * (WIDTH - LEFT - RIGHT);
  const py = (y: number) => HEIGHT - BOTTOM - ((y - y0) / (y1 - y0)) * (HEIGHT - TOP - BOTTOM);
  const at = (n: number) => n.toFixed(1);
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-size="14">Simulated scans: 2 % open, 1,000 ports a host</text>`,
  ];
  for (let x = x0; x <= x1; x++) {
    parts.push(
      `<line x1="${at(px(x))}" y1="${TOP}" x2="${at(px(x))}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"/>`,
      `<text x="${at(px(x))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">10<tspan dy="-4" font-size="9">${x}</tspan></text>`,
    );
  }
  for (let y = y0; y <= y1; y++) {
    parts.push(
      `<line x1="${LEFT}" y1="${at(py(y))}" x2="${WIDTH - RIGHT}" y2="${at(py(y))}" stroke="#ddd"/>`,
      `<text x="${LEFT - 8}" y="${at(py(y) + 4)}" text-anchor="end">10<tspan dy="-4" font-size="9">${y}</tspan></text>`,
    );
  }
  parts.push(`<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">endpoints</text>`);
  lines.forEach(({ name, dashed, colour, points }, i) => {
    const dash = dashed ? ' stroke-dasharray="6 4"' : "";
    const path = points.map(({ x, y }) => `${at(px(x))},${at(py(y))}`).join(" ");
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`);
    for (const { x, y } of points)
      parts.push(`<circle cx="${at(px(x))}" cy="${at(py(y))}" r="3" fill="${colour}"/>`);
    const [lx, ly] = [LEFT + (i % 2) * 260, 34 + Math.floor(i / 2) * 13];
    parts.push(
      `<line x1="${lx}" y1="${ly - 4}" x2="${lx + 24}" y2="${ly - 4}" stroke="${colour}" stroke-width="2"${dash}/>`,
      `<text x="${lx + 30}" y="${ly}">${name}</text>`,
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" role="img" aria-label="Simulated scans: wall time and peak write rate">\n<title>Simulated scans</title>\n${parts.join("\n")}\n</svg>\n`;
}
