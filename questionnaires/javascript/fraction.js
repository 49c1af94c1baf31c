// Exact numbers. A double cannot hold 0.1, and two clients that round on the way disagree about a band.

const gcd = (a, b) => {
  while (b !== 0n) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
};

export class Fraction {
  // In lowest terms; the denominator is positive.
  constructor(numerator, denominator = 1n) {
    if (denominator === 0n) throw new RangeError("a fraction has no denominator of zero");
    const sign = denominator < 0n ? -1n : 1n;
    const common = gcd(numerator, denominator) || 1n;
    this.numerator = (sign * numerator) / common;
    this.denominator = (sign * denominator) / common;
    Object.freeze(this);
  }

  // From a canonical decimal string such as "-12.75", or a whole number.
  static of(number) {
    if (number instanceof Fraction) return number;
    const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(number));
    if (!found) throw new TypeError(`${number} is not a decimal number`);
    const [, sign, whole, decimals = ""] = found;
    const numerator = BigInt(whole + decimals);
    return new Fraction(sign ? -numerator : numerator, 10n ** BigInt(decimals.length));
  }

  static sum(numbers) {
    return [...numbers].reduce((total, number) => total.plus(number), ZERO);
  }

  plus(other) {
    const { numerator, denominator } = Fraction.of(other);
    return new Fraction(this.numerator * denominator + numerator * this.denominator, this.denominator * denominator);
  }

  minus(other) {
    return this.plus(Fraction.of(other).times(-1));
  }

  times(other) {
    const { numerator, denominator } = Fraction.of(other);
    return new Fraction(this.numerator * numerator, this.denominator * denominator);
  }

  over(other) {
    const { numerator, denominator } = Fraction.of(other);
    return new Fraction(this.numerator * denominator, this.denominator * numerator);
  }

  abs() {
    return this.numerator < 0n ? this.times(-1) : this;
  }

  // Below, at or above zero as the other is greater, equal or less.
  compare(other) {
    const { numerator, denominator } = Fraction.of(other);
    const difference = this.numerator * denominator - numerator * this.denominator;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  get isZero() {
    return this.numerator === 0n;
  }

  // "200/3", or "5" where it is whole.
  toString() {
    return this.denominator === 1n ? String(this.numerator) : `${this.numerator}/${this.denominator}`;
  }

  // Half up to two decimals, the one place where figures are rounded; figures are never negative.
  round() {
    return new Fraction((200n * this.numerator + this.denominator) / (2n * this.denominator), 100n);
  }

  // The one spelling of a number whose decimals end: no exponent, no trailing zeros, no plus, no minus zero.
  toDecimal() {
    let scale = 0;
    let digits = this.numerator < 0n ? -this.numerator : this.numerator;
    for (let rest = this.denominator; digits % rest !== 0n; scale += 1) {
      if (scale > 200) throw new RangeError(`${this} has no end of decimals`);
      digits *= 10n;
    }
    const text = String(digits / this.denominator).padStart(scale + 1, "0");
    const split = text.length - scale;
    const sign = this.numerator < 0n ? "-" : "";
    return sign + text.slice(0, split) + (scale ? `.${text.slice(split)}` : "");
  }
}

export const ZERO = new Fraction(0n);
export const ONE = new Fraction(1n);
export const HUNDRED = new Fraction(100n);

export const smaller = (a, b) => (a.compare(b) <= 0 ? a : b);
export const larger = (a, b) => (a.compare(b) >= 0 ? a : b);
