// An invoice's form while it is being written: amounts and totals as they are typed, a chosen
// product's price and description, a due date that follows the terms. Figures are whole numbers
// of the smallest part (BigInt), rounded half up to the cent as the server does; what the server
// says after saving is what counts.
"use strict";

{
  const FIGURE = /^-?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?$/;

  // { units, decimals } of what was typed, or null where it is no number.
  function parse(text) {
    const typed = text.trim();
    if (!typed || !FIGURE.test(typed) || !/\d/.test(typed)) return null;
    const [whole, decimals = ""] = typed.replaceAll(",", "").split(".");
    return { units: BigInt(whole.replace(/^-?$/, "$&0") + decimals), decimals: decimals.length };
  }

  function toCents(units, decimals) {
    if (decimals <= 2) return units * 10n ** BigInt(2 - decimals);
    const divisor = 10n ** BigInt(decimals - 2);
    const size = units < 0n ? -units : units;
    const cents = (size + divisor / 2n) / divisor;
    return units < 0n ? -cents : cents;
  }

  function shown(cents) {
    const size = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
    const whole = size.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
    return `${cents < 0n ? "−" : ""}${whole}.${size.slice(-2)}`;
  }

  function amountOf(row) {
    const price = parse(row.querySelector("[data-line=unit_price]").value);
    const typed = row.querySelector("[data-line=quantity]").value;
    const quantity = typed.trim() ? parse(typed) : { units: 1n, decimals: 0 };
    if (!price || !quantity) return null;
    return toCents(price.units * quantity.units, price.decimals + quantity.decimals);
  }

  function discountOf(form, subtotal) {
    const value = parse(form.elements.discount_value.value);
    if (!value) return 0n;
    return form.elements.discount_kind.value === "percent"
      ? toCents(subtotal * value.units, value.decimals + 4)
      : toCents(value.units, value.decimals);
  }

  function reckon(form) {
    let subtotal = 0n;
    for (const row of form.querySelectorAll("[data-row]")) {
      const amount = amountOf(row);
      row.querySelector("[data-amount]").textContent = amount === null ? "" : shown(amount);
      subtotal += amount ?? 0n;
    }
    const discount = discountOf(form, subtotal);
    const possible = discount >= 0n && discount <= subtotal;
    form.querySelector("[data-subtotal]").textContent = shown(subtotal);
    form.querySelector("[data-discount]").textContent = discount > 0n ? shown(-discount) : "";
    form.querySelector("[data-total]").textContent = possible ? shown(subtotal - discount) : "–";
  }

  function fillFromProduct(form, field) {
    const wanted = field.value.trim().toLowerCase();
    const chosen = [...(field.list?.options ?? [])].find((o) => o.value.toLowerCase() === wanted);
    if (!wanted || !chosen) return;
    const row = field.closest("[data-row]");
    const price = row.querySelector("[data-line=unit_price]");
    const words = row.querySelector("[data-line=description]");
    const quantity = row.querySelector("[data-line=quantity]");
    const currency = form.elements.currency?.value.trim().toUpperCase() ?? form.dataset.homeCurrency;
    if (!price.value && chosen.dataset.price && currency === form.dataset.homeCurrency) {
      price.value = chosen.dataset.price;
    }
    if (!words.value) words.value = chosen.dataset.description ?? "";
    if (!quantity.value) quantity.value = "1";
  }

  function followTerms(form) {
    const terms = form.elements.terms.value;
    const net = /\bnet\s*(\d{1,3})\b/i.exec(terms);
    const days = net ? Number(net[1]) : /\bon receipt\b/i.test(terms) ? 0 : null;
    const issued = form.elements.issue_date.valueAsDate;
    if (days === null || !issued) return;
    form.elements.due_date.valueAsDate = new Date(issued.getTime() + days * 86_400_000);
  }

  const form = document.querySelector("form[data-invoice]");
  if (form) {
    form.addEventListener("input", () => reckon(form));
    form.addEventListener("change", (event) => {
      if (event.target.matches("[data-line=item]")) fillFromProduct(form, event.target);
      if (["terms", "issue_date"].includes(event.target.name)) followTerms(form);
      reckon(form);
    });
    document.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target?.id === "invoice-lines" || form.contains(event.target)) reckon(form);
    });
    reckon(form);
  }
}
