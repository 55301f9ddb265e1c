// The text of a page whose contrast is below WCAG AA (4.5, or 3 for large letters): {where: [ratio, text]}.
() => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const colour = (css) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ancestors = (element) => (element ? [element, ...ancestors(element.parentElement)] : []);
  const ground = (element) => ancestors(element).reverse()
    .map((each) => colour(getComputedStyle(each).backgroundColor))
    .reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  const found = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    const opacity = ancestors(element).reduce((all, each) => all * getComputedStyle(each).opacity, 1);
    if (!walker.currentNode.textContent.trim() || element.closest("script, style, title, noscript, option")) continue;
    if (!element.getClientRects().length || style.visibility === "hidden" || opacity < 0.05) continue;
    const ink = colour(element instanceof SVGElement ? style.fill : style.color);
    ink[3] *= opacity;
    const below = ground(element);
    const [a, b] = [light(over(ink, below)), light(below)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < needed) {
      const where = `${element.tagName} ${element.getAttribute("class")}`;
      found[where] = [ratio.toFixed(2), walker.currentNode.textContent.trim().slice(0, 40)];
    }
  }
  return found;
}
