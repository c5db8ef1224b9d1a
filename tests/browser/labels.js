// What has no name, or points to nothing.
() => {
  const bad = [];
  const names = (it) => it.getAttribute("aria-label") || it.labels?.[0]?.textContent || it.textContent.trim()
    || (it.getAttribute("aria-labelledby") && document.getElementById(it.getAttribute("aria-labelledby"))?.textContent);
  for (const it of document.querySelectorAll("a, button, input, select, textarea, [role=switch], dialog[open], section, aside, nav, progress"))
    if (it.checkVisibility() && !names(it)) bad.push(it.outerHTML.slice(0, 120));
  for (const it of document.querySelectorAll("img:not([alt])")) bad.push(it.outerHTML);
  const ids = [...document.querySelectorAll("[id]")].map((it) => it.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) bad.push(`id ${id} twice`);
  for (const it of document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]"))
    for (const name of ["aria-labelledby", "aria-describedby", "for"])
      if (it.checkVisibility() && it.getAttribute(name) && !document.getElementById(it.getAttribute(name))) bad.push(`${name} of ${it.outerHTML.slice(0, 80)}`);
  if ([...document.querySelectorAll("main")].filter((it) => it.checkVisibility()).length > 1) bad.push("two mains");
  if (!document.documentElement.lang) bad.push("no language");
  return bad;
}
