// The plugin `geo`: `wit/geo.wit` says what each function does.

/** The mean radius of WGS 84, in metres. */
const RADIUS = 6_371_008.7714;

const DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz";

const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (radians) => (radians * 180) / Math.PI;

/** The same angle, from -180 up to but not including 180. */
const around = (degrees) => degrees - 360 * Math.floor((degrees + 180) / 360);

function distance(start, end) {
  const [from, to] = [radians(start.latitude), radians(end.latitude)];
  const north = Math.sin((to - from) / 2);
  const east = Math.sin(radians(end.longitude - start.longitude) / 2);
  const haversine = north * north + Math.cos(from) * Math.cos(to) * east * east;
  // Rounding must not take the root out of the arc sine's domain.
  return 2 * RADIUS * Math.asin(Math.sqrt(Math.min(haversine, 1)));
}

function bearing(start, end) {
  const [from, to] = [radians(start.latitude), radians(end.latitude)];
  const east = radians(end.longitude - start.longitude);
  const y = Math.sin(east) * Math.cos(to);
  const x = Math.cos(from) * Math.sin(to) - Math.sin(from) * Math.cos(to) * Math.cos(east);
  return (degrees(Math.atan2(y, x)) + 360) % 360;
}

function destination(start, bearing, distance) {
  const [from, way, arc] = [radians(start.latitude), radians(bearing), distance / RADIUS];
  const height = Math.sin(from) * Math.cos(arc) + Math.cos(from) * Math.sin(arc) * Math.cos(way);
  const to = Math.asin(Math.max(-1, Math.min(height, 1)));
  const east = Math.atan2(
    Math.sin(way) * Math.sin(arc) * Math.cos(from),
    Math.cos(arc) - Math.sin(from) * Math.sin(to),
  );
  return { latitude: degrees(to), longitude: around(start.longitude + degrees(east)) };
}

function pathLength(points) {
  let length = 0;
  for (let at = 1; at < points.length; at += 1) {
    length += distance(points[at - 1], points[at]);
  }
  return length;
}

// ANCHOR: error
/** An error that the guest gets as the error of a `result`: whatever is in `payload`. */
class GeohashError extends Error {
  constructor(tag, val) {
    super(`geohash: ${tag}`);
    this.payload = { tag, val };
  }
}
// ANCHOR_END: error

/** Halves `range` around a value, or as a bit says. Returns the bit. */
function halve(range, isUpper) {
  const middle = (range[0] + range[1]) / 2;
  const upper = isUpper(middle);
  range[upper ? 0 : 1] = middle;
  return upper ? 1 : 0;
}

function geohashEncode(place, length) {
  if (length < 1 || length > 12) throw new GeohashError("length", length);
  const { latitude, longitude } = place;
  // Written so that what is not a number is refused, too.
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) throw new GeohashError("place", place);
  const [north, east] = [[-90, 90], [-180, 180]];
  let hash = "";
  for (let at = 0; at < length; at += 1) {
    let digit = 0;
    for (let bit = 0; bit < 5; bit += 1) {
      // Bits alternate, longitude first; a digit has five.
      const eastward = (at * 5 + bit) % 2 === 0;
      const value = eastward ? longitude : latitude;
      digit = digit * 2 + halve(eastward ? east : north, (middle) => value >= middle);
    }
    hash += DIGITS[digit];
  }
  return hash;
}

function geohashDecode(hash) {
  // By characters, not by the halves that UTF-16 makes of some.
  const characters = [...hash];
  if (characters.length < 1 || characters.length > 12) throw new GeohashError("length", characters.length);
  const [north, east] = [[-90, 90], [-180, 180]];
  characters.forEach((character, at) => {
    const digit = DIGITS.indexOf(character.replace(/[A-Z]/, (capital) => capital.toLowerCase()));
    if (digit < 0) throw new GeohashError("character", character);
    for (let bit = 0; bit < 5; bit += 1) {
      const eastward = (at * 5 + bit) % 2 === 0;
      halve(eastward ? east : north, () => ((digit >> (4 - bit)) & 1) === 1);
    }
  });
  return {
    center: { latitude: (north[0] + north[1]) / 2, longitude: (east[0] + east[1]) / 2 },
    latitudeError: (north[1] - north[0]) / 2,
    longitudeError: (east[1] - east[0]) / 2,
  };
}

/** The resource `fence`: an object of this class lives in the plugin, and the guest holds a handle. */
class Fence {
  #corners;

  constructor(corners) {
    if (corners.length < 3) throw new Error(`a fence has at least 3 corners, not ${corners.length}`);
    const finite = ({ latitude, longitude }) => Number.isFinite(latitude) && Number.isFinite(longitude);
    if (!corners.every(finite)) throw new Error("a corner is not a place: its coordinates are not finite");
    this.#corners = corners;
  }

  /** Its sides: each corner with the next. */
  #sides() {
    return this.#corners.map((corner, at) => [corner, this.#corners[(at + 1) % this.#corners.length]]);
  }

  /** Whether as many sides as make an odd number cross the point's meridian to the north of it. */
  contains(place) {
    let inside = false;
    for (const [start, end] of this.#sides()) {
      const west = radians(around(start.longitude - place.longitude));
      const east = radians(around(end.longitude - place.longitude));
      if (west >= 0 === east >= 0 || Math.abs(west - east) > Math.PI) continue;
      const [from, to] = [Math.tan(radians(start.latitude)), Math.tan(radians(end.latitude))];
      const crossing = Math.atan((from * Math.sin(east) - to * Math.sin(west)) / Math.sin(east - west));
      if (crossing > radians(place.latitude)) inside = !inside;
    }
    return inside;
  }

  /** The sum of what is between each side and the equator: its spherical excess. */
  area() {
    let excess = 0;
    for (const [start, end] of this.#sides()) {
      const width = Math.tan(radians(around(end.longitude - start.longitude)) / 2);
      const [from, to] = [Math.tan(radians(start.latitude) / 2), Math.tan(radians(end.latitude) / 2)];
      excess += 2 * Math.atan2(width * (from + to), 1 + from * to);
    }
    return Math.abs(excess) * RADIUS * RADIUS;
  }
}

// ANCHOR: exports
// An interface is an export of its name, in the manner of JavaScript: `path-length` is `pathLength`.
export const geo = {
  distance,
  bearing,
  destination,
  pathLength,
  geohashEncode,
  geohashDecode,
  Fence,
};
// ANCHOR_END: exports
