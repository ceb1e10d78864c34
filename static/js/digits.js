// <digit-fields>: a field for a code of six digits becomes six boxes. A box steps on by itself, Backspace steps back, a code
// that is pasted or filled in by the browser fills all.
const DIGITS = 6;

class DigitFields extends HTMLElement {
  connectedCallback() {
    const field = this.querySelector("input");
    if (this.boxes || !field) return;
    const label = document.querySelector(`label[for="${field.id}"]`);
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", label.textContent);
    this.boxes = Array.from({ length: DIGITS }, (_, index) => this.makeBox(field, index));
    this.field = field;
    label.htmlFor = this.boxes[0].id;
    const hasFocus = field.autofocus || document.activeElement === field;
    field.type = "hidden";
    this.append(...this.boxes);
    this.fill(0, field.value);
    if (hasFocus) {
      this.boxes[0].autofocus = true;
      this.boxes[0].focus();
    }
  }

  makeBox(field, index) {
    const box = document.createElement("input");
    box.id = `${field.id}-${index + 1}`;
    box.inputMode = "numeric";
    box.required = true;
    box.pattern = "[0-9]";
    box.autocomplete = index ? "off" : "one-time-code";
    box.setAttribute("aria-label", `Digit ${index + 1} of ${DIGITS}`);
    if (field.getAttribute("aria-invalid")) box.setAttribute("aria-invalid", "true");
    if (field.hasAttribute("aria-describedby")) box.setAttribute("aria-describedby", field.getAttribute("aria-describedby"));
    box.addEventListener("input", () => this.fill(index, box.value));
    box.addEventListener("focus", () => box.select());
    box.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: index - 1, ArrowRight: index + 1, Backspace: box.value ? -1 : index - 1 }[event.key];
      if (!(to >= 0) || to >= DIGITS) return;
      event.preventDefault();
      if (event.key === "Backspace") this.boxes[to].value = "";
      this.boxes[to].focus();
      this.write();
    });
    return box;
  }

  // Puts the digits of a text into the boxes from one on; a whole code goes into all of them.
  fill(index, text) {
    const digits = text.replace(/\D/g, "").slice(0, DIGITS);
    const first = digits.length === DIGITS ? 0 : index;
    this.boxes[index].value = "";
    [...digits].forEach((digit, at) => {
      if (this.boxes[first + at]) this.boxes[first + at].value = digit;
    });
    if (digits) this.boxes[Math.min(first + digits.length, DIGITS - 1)].focus();
    this.write();
  }

  write() {
    this.field.value = this.boxes.map((each) => each.value).join("");
  }
}

customElements.define("digit-fields", DigitFields);
