// Cars in side view, 300 wide, wheels on y = 112, the front to the left, the charging inlet at the rear.

import { s } from "/static/dom.js";

const SHAPES = {
  sedan: {
    body: "M8 88C8 76 14 70 32 66L80 57C102 38 128 28 162 28 202 28 228 37 250 54L280 60C292 63 296 70 296 82V92C296 98 292 100 288 100H16C10 100 8 97 8 90Z",
    glass: "M98 57C114 42 136 35 160 35L163 57ZM171 35C200 36 219 43 234 57L173 58Z",
    wheels: [68, 238],
  },
  hatchback: {
    body: "M12 88C12 76 18 70 34 66L78 56C100 36 124 24 166 24L214 25C244 26 260 40 268 58L284 66C292 70 293 76 293 84V92C293 98 290 100 286 100H20C14 100 12 97 12 90Z",
    glass: "M96 56C112 40 134 31 162 31L165 57ZM174 31L212 32C232 33 244 42 252 57L176 57Z",
    wheels: [70, 236],
  },
  suv: {
    body: "M8 84C8 70 14 62 32 59L76 52C94 28 114 14 152 14L234 15C260 16 270 30 276 52L289 59C295 63 296 70 296 80V92C296 98 292 100 288 100H16C10 100 8 97 8 90Z",
    glass: "M96 52C110 32 126 22 150 22L152 52ZM161 22H200V52H163ZM209 22L232 23C248 24 256 34 261 52H209Z",
    wheels: [68, 236],
  },
  city: {
    body: "M48 88C48 74 56 67 70 63L98 52C114 28 134 16 168 16L206 17C236 18 252 34 258 56L268 66C273 71 273 78 273 86V92C273 98 270 100 266 100H56C50 100 48 97 48 90Z",
    glass: "M114 52C126 34 142 24 164 24L167 53ZM176 24L204 25C224 26 236 36 242 53H178Z",
    wheels: [94, 226],
  },
  truck: {
    body: "M6 90V46C6 36 10 30 18 22L30 8C33 4 37 2 42 2H84C88 2 90 4 90 8V-26C90 -30 92 -32 96 -32H290C294 -32 296 -30 296 -26V92C296 98 292 100 288 100H14C8 100 6 97 6 90Z",
    glass: "M18 42C20 34 24 28 30 20L38 12H64V42Z",
    wheels: [50, 206, 256],
  },
};

const ALIKE = { "van-20": "suv" };

export const COLOURS = ["#3f78b5", "#c4683f", "#5b8c5a", "#8a6bb0"];
export const INLET = { x: 270, y: 74 };

export function car(model, index) {
  const shape = SHAPES[ALIKE[model] ?? (model ?? "").split("-")[0]] ?? SHAPES.sedan;
  const wheel = (x) => s(
    "g",
    null,
    s("circle", { cx: x, cy: 98, r: 21, class: "arch" }),
    s("circle", { cx: x, cy: 98, r: 17, class: "tyre" }),
    s("circle", { cx: x, cy: 98, r: 9, class: "rim" }),
  );
  return s(
    "g",
    null,
    s("path", { d: shape.body, fill: COLOURS[index % COLOURS.length], class: "body" }),
    s("path", { d: shape.glass, class: "glass" }),
    s("path", { d: "M10 84h14c4 0 6 2 6 4s-2 4-6 4H10z", class: "lamp" }),
    shape.wheels.map(wheel),
    s("rect", { x: 100, y: 80, width: 100, height: 13, rx: 4, class: "pack" }),
    s("rect", { x: 102, y: 82, width: 0, height: 9, rx: 2.5, class: "pack-fill" }),
    s("circle", { cx: INLET.x, cy: INLET.y, r: 6.5, class: "inlet" }),
  );
}
