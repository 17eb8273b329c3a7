//! ECDSA on other curves in short Weierstrass form than P-256, P-384 and P-521, for which there is faster code.
//!
//! A signature is public, so timing gives nothing away; a verification takes some milliseconds. FIPS 186-5 §6.4.2,
//! SEC 1 §4.1.4; curves of SEC 2 §2 and RFC 5639 §3.

use num_bigint::BigUint;
use x509_parser::der_parser::parse_der;

/// The domain parameters of a curve, in hexadecimal: y² = x³ + ax + b over the field of `p`, generator `g` of order `n`.
pub(super) struct Curve {
    /// The object identifier (RFC 5480 §2.1.1.1, RFC 5639 §4.1).
    oid: &'static str,
    p: &'static str,
    a: &'static str,
    b: &'static str,
    g: (&'static str, &'static str),
    n: &'static str,
}

/// The curve of this number, where it is known.
pub(super) fn curve(oid: &str) -> Option<&'static Curve> {
    CURVES.iter().find(|curve| curve.oid == oid)
}

/// Whether `signature` (DER, RFC 3279 §2.2.3) over a message with this `digest` was made with the key whose public point
/// is `point` (uncompressed, SEC 1 §2.3.3).
pub(super) fn verify(curve: &Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    check(curve, point, digest, signature).unwrap_or(false)
}

fn check(curve: &Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> Option<bool> {
    let field = Field { p: number(curve.p)?, a: number(curve.a)? };
    let n = number(curve.n)?;
    let (r, s) = read_signature(signature)?;
    let zero = BigUint::ZERO;
    if r == zero || s == zero || r >= n || s >= n {
        return Some(false);
    }
    let key = read_point(&field, &number(curve.b)?, point)?;
    let generator = Point::affine(number(curve.g.0)?, number(curve.g.1)?);
    let inverse = s.modinv(&n)?;
    let (u1, u2) = (leftmost_bits(digest, n.bits()) * &inverse % &n, &r * &inverse % &n);
    let sum = field.two_multiples(&u1, &generator, &u2, &key);
    Some(field.affine_x(&sum).is_some_and(|x| x % n == r))
}

fn number(hex: &str) -> Option<BigUint> {
    BigUint::parse_bytes(hex.as_bytes(), 16)
}

/// Ecdsa-Sig-Value (RFC 3279 §2.2.3), in DER and nothing else: a signature has one form.
fn read_signature(der: &[u8]) -> Option<(BigUint, BigUint)> {
    let (_, sequence) = parse_der(der).ok()?;
    let [r, s] = sequence.as_sequence().ok()?.as_slice() else { return None };
    let (r, s) = (r.as_biguint().ok()?, s.as_biguint().ok()?);
    (der == element(0x30, &[integer(&r), integer(&s)].concat())).then_some((r, s))
}

fn integer(number: &BigUint) -> Vec<u8> {
    let octets = number.to_bytes_be();
    let sign: &[u8] = if octets.first().is_some_and(|first| first & 0x80 != 0) { &[0] } else { &[] };
    element(2, &[sign, &octets].concat())
}

/// One DER element of less than 256 octets; a longer one is no signature on a curve of ours.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let header: &[u8] = if length < 0x80 { &[tag, length] } else { &[tag, 0x81, length] };
    [header, content].concat()
}

/// FIPS 186-5 §6.4.2 step 2: the digest as a number, cut to the length of the order.
fn leftmost_bits(digest: &[u8], bits: u64) -> BigUint {
    let length = 8 * digest.len() as u64;
    BigUint::from_bytes_be(digest) >> length.saturating_sub(bits)
}

/// SEC 1 §3.2.2.1: coordinates in the field, and the point on the curve.
fn read_point(field: &Field, b: &BigUint, bytes: &[u8]) -> Option<Point> {
    let size = usize::try_from(field.p.bits().div_ceil(8)).ok()?;
    let (4, rest) = bytes.split_first().map(|(form, rest)| (*form, rest))? else { return None };
    let (x, y) = rest.split_at_checked(size).filter(|(_, y)| y.len() == size)?;
    let (x, y) = (BigUint::from_bytes_be(x), BigUint::from_bytes_be(y));
    let on_curve = &y * &y % &field.p == ((&x * &x + &field.a) * &x + b) % &field.p;
    (x < field.p && y < field.p && on_curve).then(|| Point::affine(x, y))
}

/// A point in Jacobian coordinates; at infinity where z is 0.
#[derive(Clone, Debug)]
struct Point {
    x: BigUint,
    y: BigUint,
    z: BigUint,
}

impl Point {
    fn affine(x: BigUint, y: BigUint) -> Point {
        Point { x, y, z: BigUint::from(1_u8) }
    }

    fn infinity() -> Point {
        Point { x: BigUint::from(1_u8), y: BigUint::from(1_u8), z: BigUint::ZERO }
    }

    fn is_infinity(&self) -> bool {
        self.z == BigUint::ZERO
    }
}

/// The field, with the curve's first coefficient.
struct Field {
    p: BigUint,
    a: BigUint,
}

impl Field {
    fn times(&self, a: &BigUint, b: &BigUint) -> BigUint {
        a * b % &self.p
    }

    fn minus(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + &self.p - b) % &self.p
    }

    /// u·P + v·Q, bit by bit of both at once.
    fn two_multiples(&self, u: &BigUint, p: &Point, v: &BigUint, q: &Point) -> Point {
        let both = self.add(p, q);
        let mut sum = Point::infinity();
        for bit in (0..u.bits().max(v.bits())).rev() {
            sum = self.double(&sum);
            match (u.bit(bit), v.bit(bit)) {
                (true, true) => sum = self.add(&sum, &both),
                (true, false) => sum = self.add(&sum, p),
                (false, true) => sum = self.add(&sum, q),
                (false, false) => {}
            }
        }
        sum
    }

    fn double(&self, point: &Point) -> Point {
        if point.is_infinity() || point.y == BigUint::ZERO {
            return Point::infinity();
        }
        let y2 = self.times(&point.y, &point.y);
        let s = self.times(&point.x, &y2) * 4_u8 % &self.p;
        let z2 = self.times(&point.z, &point.z);
        let m = (self.times(&point.x, &point.x) * 3_u8 + self.times(&self.a, &self.times(&z2, &z2))) % &self.p;
        let x = self.minus(&self.times(&m, &m), &((&s + &s) % &self.p));
        let y4 = self.times(&y2, &y2) * 8_u8 % &self.p;
        let y = self.minus(&self.times(&m, &self.minus(&s, &x)), &y4);
        let z = self.times(&point.y, &point.z) * 2_u8 % &self.p;
        Point { x, y, z }
    }

    fn add(&self, left: &Point, right: &Point) -> Point {
        if left.is_infinity() {
            return right.clone();
        }
        if right.is_infinity() {
            return left.clone();
        }
        let (zl2, zr2) = (self.times(&left.z, &left.z), self.times(&right.z, &right.z));
        let (ul, ur) = (self.times(&left.x, &zr2), self.times(&right.x, &zl2));
        let sl = self.times(&left.y, &self.times(&zr2, &right.z));
        let sr = self.times(&right.y, &self.times(&zl2, &left.z));
        let (h, r) = (self.minus(&ur, &ul), self.minus(&sr, &sl));
        if h == BigUint::ZERO {
            return if r == BigUint::ZERO { self.double(left) } else { Point::infinity() };
        }
        let h2 = self.times(&h, &h);
        let (h3, v) = (self.times(&h2, &h), self.times(&ul, &h2));
        let x = self.minus(&self.minus(&self.times(&r, &r), &h3), &((&v + &v) % &self.p));
        let y = self.minus(&self.times(&r, &self.minus(&v, &x)), &self.times(&sl, &h3));
        let z = self.times(&h, &self.times(&left.z, &right.z));
        Point { x, y, z }
    }

    fn affine_x(&self, point: &Point) -> Option<BigUint> {
        let inverse = point.z.modinv(&self.p)?;
        Some(self.times(&point.x, &self.times(&inverse, &inverse)))
    }
}

static CURVES: &[Curve] = &[
    // secp224r1
    Curve {
        oid: "1.3.132.0.33",
        p: "ffffffffffffffffffffffffffffffff000000000000000000000001",
        a: "fffffffffffffffffffffffffffffffefffffffffffffffffffffffe",
        b: "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
        g: (
            "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
            "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
        ),
        n: "ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d",
    },
    // secp256k1
    Curve {
        oid: "1.3.132.0.10",
        p: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
        a: "0",
        b: "7",
        g: (
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
        ),
        n: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    },
    // brainpoolP224r1
    Curve {
        oid: "1.3.36.3.3.2.8.1.1.5",
        p: "d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff",
        a: "68a5e62ca9ce6c1c299803a6c1530b514e182ad8b0042a59cad29f43",
        b: "2580f63ccfe44138870713b1a92369e33e2135d266dbb372386c400b",
        g: (
            "0d9029ad2c7e5cf4340823b2a87dc68c9e4ce3174c1e6efdee12c07d",
            "58aa56f772c0726f24c6b89e4ecdac24354b9e99caa3f6d3761402cd",
        ),
        n: "d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f",
    },
    // brainpoolP256r1
    Curve {
        oid: "1.3.36.3.3.2.8.1.1.7",
        p: "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
        a: "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
        b: "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
        g: (
            "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
            "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
        ),
        n: "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
    },
    // brainpoolP320r1
    Curve {
        oid: "1.3.36.3.3.2.8.1.1.9",
        p: "d35e472036bc4fb7e13c785ed201e065f98fcfa6f6f40def4f92b9ec7893ec28fcd412b1f1b32e27",
        a: "3ee30b568fbab0f883ccebd46d3f3bb8a2a73513f5eb79da66190eb085ffa9f492f375a97d860eb4",
        b: "520883949dfdbc42d3ad198640688a6fe13f41349554b49acc31dccd884539816f5eb4ac8fb1f1a6",
        g: (
            "43bd7e9afb53d8b85289bcc48ee5bfe6f20137d10a087eb6e7871e2a10a599c710af8d0d39e20611",
            "14fdd05545ec1cc8ab4093247f77275e0743ffed117182eaa9c77877aaac6ac7d35245d1692e8ee1",
        ),
        n: "d35e472036bc4fb7e13c785ed201e065f98fcfa5b68f12a32d482ec7ee8658e98691555b44c59311",
    },
    // brainpoolP384r1
    Curve {
        oid: "1.3.36.3.3.2.8.1.1.11",
        p: "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
        a: "7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
        b: "4a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
        g: (
            "1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
            "8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
        ),
        n: "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
    },
    // brainpoolP512r1
    Curve {
        oid: "1.3.36.3.3.2.8.1.1.13",
        p: "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
        a: "7830a3318b603b89e2327145ac234cc594cbdd8d3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94ca",
        b: "3df91610a83441caea9863bc2ded5d5aa8253aa10a2ef1c98b9ac8b57f1117a72bf2c7b9e7c1ac4d77fc94cadc083e67984050b75ebae5dd2809bd638016f723",
        g: (
            "81aee4bdd82ed9645a21322e9c4c6a9385ed9f70b5d916c1b43b62eef4d0098eff3b1f78e2d0d48d50d1687b93b97d5f7c6d5047406a5e688b352209bcb9f822",
            "7dde385d566332ecc0eabfa9cf7822fdf209f70024a57b1aa000c55b881f8111b2dcde494a5f485e5bca4bd88a2763aed1ca2b2fa8f0540678cd1e0f3ad80892",
        ),
        n: "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069",
    },
];
