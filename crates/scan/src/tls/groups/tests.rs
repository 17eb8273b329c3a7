use super::*;
use ml_kem::array::Array;

fn of(name: u16) -> &'static dyn SupportedKxGroup {
    *GROUPS.iter().find(|group| u16::from(group.name()) == name).unwrap()
}

/// Both sides of a Diffie-Hellman group come to one secret of the right size.
#[test]
fn both_sides_agree() {
    for (group, share, secret) in
        [(0x0019, 133, 66), (0x001e, 56, 56), (0x0100, 256, 256), (0x0101, 384, 384), (0x0102, 512, 512)]
    {
        let (one, other) = (of(group).start().unwrap(), of(group).start().unwrap());
        let (to_other, to_one) = (one.pub_key().to_vec(), other.pub_key().to_vec());
        assert_eq!((to_one.len(), to_other.len()), (share, share), "{group:04x}");
        let (one, other) = (one.complete(&to_one).unwrap(), other.complete(&to_other).unwrap());
        assert_eq!(one.secret_bytes(), other.secret_bytes(), "{group:04x}");
        assert_eq!(one.secret_bytes().len(), secret, "{group:04x}");
    }
}

/// What is no valid share ends the exchange.
#[test]
fn bad_shares_are_refused() {
    let p = |group: &FfdheGroup<'static>| group.p.to_vec();
    let mut p_minus_1 = p(&ffdhe_groups::FFDHE2048);
    *p_minus_1.last_mut().unwrap() -= 1;
    let small = |value: u8| [vec![0; 255], vec![value]].concat();
    for (group, share, why) in [
        (0x0019, vec![4; 133], "not on the curve"),
        (0x0019, vec![2; 67], "compressed"),
        (0x0019, vec![], "empty"),
        (0x001e, vec![0; 56], "a point of small order"),
        (0x001e, vec![9; 55], "too short"),
        (0x0100, small(0), "0"),
        (0x0100, small(1), "1"),
        (0x0100, p_minus_1, "p - 1"),
        (0x0100, p(&ffdhe_groups::FFDHE2048), "p"),
        (0x0100, vec![2; 255], "too short"),
        (0x0201, vec![0; 1087], "too short"),
        (0x11ec, vec![1; 1088], "no curve beside it"),
        (0x11eb, vec![4; 65], "no ciphertext beside it"),
    ] {
        assert!(of(group).start().unwrap().complete(&share).is_err(), "{group:04x}: {why}");
    }
}

/// The server's side of the hybrid of ML-KEM-768 and X25519, by hand.
#[test]
fn the_hybrid_is_both() {
    let client = of(0x11ec).start().unwrap();
    let (key, curve) = client.pub_key().split_at(1184);
    let key = ml_kem::ml_kem_768::EncapsulationKey::new(&Array::try_from(key).unwrap()).unwrap();
    let (ciphertext, lattice_secret) = key.encapsulate_deterministic(&Array::from([7; 32]));
    let server = X25519.start().unwrap();
    let share = [ciphertext.as_slice(), server.pub_key()].concat();
    let curve_secret = server.complete(curve).unwrap();
    let expected = [lattice_secret.as_slice(), curve_secret.secret_bytes()].concat();
    assert_eq!(client.complete(&share).unwrap().secret_bytes(), expected);
}

/// A group that is new with TLS 1.3 is no choice before it.
#[test]
fn versions() {
    for group in GROUPS {
        let in_12 = matches!(group.name(), NamedGroup::secp521r1 | NamedGroup::X448);
        assert_eq!(group.usable_for_version(ProtocolVersion::TLSv1_2), in_12, "{group:?}");
        assert!(group.usable_for_version(ProtocolVersion::TLSv1_3), "{group:?}");
    }
}
