/** The reliability picture: for each series its bins as dots, share right over confidence; on the diagonal, confidences mean what they say. */
import type { Bin } from "./reliability.ts";

export interface Series {
  name: string;
  colour: string;
  bins: readonly Bin[];
}

/** Pixels. */
const SIDE = 360;
const MARGIN = 48;
const LEGEND = 24;

const x = (value: number) => (MARGIN + value * SIDE).toFixed(1);
const y = (value: number) => (MARGIN / 2 + (1 - value) * SIDE).toFixed(1);
/** Area of a dot follows its claims. */
const radius = (claims: number, most: number) => (3 + 11 * Math.sqrt(claims / most)).toFixed(1);

export function reliabilityPicture(series: readonly Series[], caption: string): string {
  const width = SIDE + 2 * MARGIN;
  const foot = MARGIN / 2 + SIDE;
  const height = foot + MARGIN + LEGEND * (series.length + 1);
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    "<title>Reliability: share of right claims over their confidence</title>",
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...ticks.flatMap((tick) => [
      `<path d="M${x(tick)} ${y(0)}V${y(1)}M${x(0)} ${y(tick)}H${x(1)}" stroke="#ddd" fill="none"/>`,
      `<text x="${x(tick)}" y="${foot + 16}" text-anchor="middle">${tick}</text>`,
      `<text x="${MARGIN - 8}" y="${y(tick)}" text-anchor="end" dominant-baseline="middle">${tick}</text>`,
    ]),
    `<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" stroke="#888" stroke-dasharray="4 4" fill="none"/>`,
    `<text x="${x(0.5)}" y="${foot + 34}" text-anchor="middle">confidence</text>`,
    `<text transform="translate(14 ${y(0.5)}) rotate(-90)" text-anchor="middle">share that is right</text>`,
  ];
  for (const [index, { name, colour, bins }] of series.entries()) {
    const most = Math.max(...bins.map(({ claims }) => claims), 1);
    const line = bins
      .map((bin, at) => `${at === 0 ? "M" : "L"}${x(bin.confidence)} ${y(bin.right)}`)
      .join("");
    parts.push(`<path d="${line}" stroke="${colour}" fill="none" opacity="0.6"/>`);
    for (const { claims, confidence, right } of bins)
      parts.push(
        `<circle cx="${x(confidence)}" cy="${y(right)}" r="${radius(claims, most)}" fill="${colour}" fill-opacity="0.45"><title>${claims} claims</title></circle>`,
      );
    const row = foot + MARGIN + LEGEND * index;
    parts.push(
      `<circle cx="${MARGIN + 6}" cy="${row}" r="6" fill="${colour}" fill-opacity="0.6"/>`,
      `<text x="${MARGIN + 20}" y="${row}" dominant-baseline="middle">${name}</text>`,
    );
  }
  parts.push(
    `<text x="${MARGIN}" y="${foot + MARGIN + LEGEND * series.length}" fill="#666">${caption}</text>`,
    "</svg>",
  );
  return `${parts.join("\n")}\n`;
}
