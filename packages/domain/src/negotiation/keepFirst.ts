/** Puts an item among the first so many of an order, in their places, unless it comes behind them all. */
export function keepFirst<Item>(
  first: Item[],
  item: Item,
  most: number,
  comesBefore: (a: Item, b: Item) => boolean,
): void {
  let at = first.length;
  while (at > 0 && comesBefore(item, first[at - 1] as Item)) at--;
  if (at >= most) return;
  first.splice(at, 0, item);
  if (first.length > most) first.pop();
}
