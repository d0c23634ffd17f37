// Moving over the graph: wheel, drag, two fingers, keys and buttons.

const CLOSEST = 2.5, MARGIN = 18, STEP = 1.3, MOVE = 80;
const NEAR = 0.42; // below, names cannot be read and are left out

export class Camera {
  /** `size`: {width, height} of the drawing. */
  constructor(svg) {
    this.svg = svg;
    this.x = this.y = 0;
    this.scale = 1;
    this.size = { width: 1, height: 1 };
    this.world = null;
    this.moved = false;
    this.fingers = new Map();
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    svg.addEventListener("pointerdown", (event) => this.down(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, (event) => this.up(event));
    svg.addEventListener("click", (event) => this.dragged && event.stopPropagation(), { capture: true });
    new ResizeObserver(() => this.world && (this.moved ? this.apply() : this.fit())).observe(svg);
  }

  attach(world, size) {
    this.world = world;
    this.size = size;
    this.apply();
  }

  get view() {
    const { width, height } = this.svg.getBoundingClientRect();
    return { width: width || 1, height: height || 1 };
  }

  get least() {
    const { width, height } = this.view;
    return Math.min(1, (width - 2 * MARGIN) / this.size.width, (height - 2 * MARGIN) / this.size.height);
  }

  fit() {
    const { width, height } = this.view;
    this.moved = false;
    this.scale = this.least;
    this.x = (width - this.size.width * this.scale) / 2;
    this.y = Math.max(MARGIN, (height - this.size.height * this.scale) / 2);
    this.apply();
  }

  zoom(factor, at) {
    const { width, height } = this.view;
    const { x, y } = at ?? { x: width / 2, y: height / 2 };
    const scale = Math.min(CLOSEST, Math.max(this.least * 0.8, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.moved = true;
    this.apply();
  }

  pan(x, y) {
    this.x += x;
    this.y += y;
    this.moved = true;
    this.apply();
  }

  /** Brings a box to the middle, near enough to be read. */
  centre(box, least = 0.9) {
    const { width, height } = this.view;
    this.scale = Math.min(CLOSEST, Math.max(this.scale, least));
    this.x = width / 2 - (box.x + box.width / 2) * this.scale;
    this.y = height * (width <= 760 ? 0.28 : 0.5) - (box.y + box.height / 2) * this.scale; // on a phone what is known of it stands below
    this.moved = true;
    this.apply();
  }

  /** Only as far as is needed to see a box. */
  reveal(box) {
    const { width, height } = this.view;
    const left = this.x + box.x * this.scale, top = this.y + box.y * this.scale;
    const right = left + box.width * this.scale, bottom = top + box.height * this.scale;
    if (left < MARGIN || top < MARGIN || right > width - MARGIN || bottom > height - MARGIN) this.centre(box, 0);
  }

  apply() {
    const { width, height } = this.view;
    const keep = 60; // of the drawing stays in sight, wherever one drags it
    this.x = Math.min(width - keep, Math.max(keep - this.size.width * this.scale, this.x));
    this.y = Math.min(height - keep, Math.max(keep - this.size.height * this.scale, this.y));
    this.world?.setAttribute("transform", `translate(${this.x.toFixed(2)} ${this.y.toFixed(2)}) scale(${this.scale.toFixed(4)})`);
    this.svg.classList.toggle("far", this.scale < NEAR);
  }

  key(event) {
    const moves = { ArrowLeft: [MOVE, 0], ArrowRight: [-MOVE, 0], ArrowUp: [0, MOVE], ArrowDown: [0, -MOVE] };
    if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-" || event.key === "_") this.zoom(1 / STEP);
    else if (event.key === "0") this.fit();
    else if (event.shiftKey && moves[event.key]) this.pan(...moves[event.key]);
    else return false;
    return true;
  }

  wheel(event) {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const change = Math.max(-240, Math.min(240, event.deltaY * lines));
    this.zoom(Math.exp(-change * (event.ctrlKey ? 0.01 : 0.0016)), this.within(event));
  }

  within(event) {
    const { left, top } = this.svg.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  down(event) {
    if (event.button > 0) return;
    if (!this.fingers.size) this.dragged = false;
    this.fingers.set(event.pointerId, this.within(event));
    this.from = this.within(event);
  }

  move(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = this.within(event);
    if (!this.dragged && Math.hypot(now.x - this.from.x, now.y - this.from.y) < 4) return;
    if (!this.dragged) this.svg.setPointerCapture(event.pointerId);
    this.dragged = true;
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
      this.zoom(factor, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
      this.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else this.pan(now.x - before.x, now.y - before.y);
    this.fingers.set(event.pointerId, now);
  }

  up(event) {
    this.fingers.delete(event.pointerId);
  }
}
