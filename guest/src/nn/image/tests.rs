use super::*;

/// Four pixels: red, green, blue, white.
fn four() -> Image {
    let pixels = vec![255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
    Image::from_rgb(2, 2, pixels).unwrap()
}

fn encoded(image: &Image, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.0.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn a_png_keeps_its_colours_and_a_jpeg_nearly() {
    let png = encoded(&four(), image::ImageFormat::Png);
    assert_eq!(Image::decode(&png).unwrap(), four());
    let grey = Image::from_rgb(16, 8, vec![100; 16 * 8 * 3]).unwrap();
    let jpeg = encoded(&grey, image::ImageFormat::Jpeg);
    let read = Image::decode(&jpeg).unwrap();
    assert_eq!((read.width(), read.height()), (16, 8));
    assert!(read.pixels().iter().all(|byte| byte.abs_diff(100) < 3));
}

#[test]
fn what_is_no_image_is_refused() {
    for bytes in [&b""[..], b"no image at all", b"GIF89a\x01\x00\x01\x00"] {
        let error = Image::decode(bytes).unwrap_err();
        assert_eq!(error.message(), "it is no JPEG or PNG");
    }
    let png = encoded(&four(), image::ImageFormat::Png);
    for length in 8..png.len() - 24 {
        let error = Image::decode(&png[..length]).unwrap_err();
        assert!(matches!(error, Error::InvalidArgument(_)), "{error}");
    }
    assert!(Image::from_rgb(2, 2, vec![0; 11]).is_err());
    assert!(Image::from_rgb(2, 2, vec![0; 13]).is_err());
    assert!(Image::from_rgb(u32::MAX, u32::MAX, vec![0; 3]).is_err());
}

#[test]
fn an_image_larger_than_cameras_make_is_refused_before_it_is_decoded() {
    for (width, height) in [(1_000_000_u32, 2_u32), (2, 1_000_000), (16_000, 16_000)] {
        let mut png = encoded(&four(), image::ImageFormat::Png);
        // The size, behind the signature and the chunk's head; the checksum follows thirteen bytes later.
        png[16..20].copy_from_slice(&width.to_be_bytes());
        png[20..24].copy_from_slice(&height.to_be_bytes());
        let checksum = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&checksum.to_be_bytes());
        let error = Image::decode(&png).unwrap_err();
        assert!(matches!(error, Error::TooLarge(_)), "{error}");
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |rest, byte| {
        (0..8).fold(rest ^ u32::from(*byte), |rest, _| {
            (rest >> 1) ^ (0xedb8_8320 & (rest & 1).wrapping_neg())
        })
    })
}

#[test]
fn layouts_order_the_same_numbers() {
    let planes = Preparation::new(2, 2, Layout::Nchw)
        .tensor(&four())
        .unwrap();
    assert_eq!(planes.dimensions(), [1, 3, 2, 2]);
    assert_eq!(
        planes.elements::<f32>().unwrap()[..],
        [1., 0., 0., 1., 0., 1., 0., 1., 0., 0., 1., 1.]
    );
    let pixels = Preparation::new(2, 2, Layout::Nhwc)
        .normalise([0.0, 255.0, 0.0], [255.0, 255.0, 51.0])
        .tensor(&four())
        .unwrap();
    assert_eq!(pixels.dimensions(), [1, 2, 2, 3]);
    assert_eq!(
        pixels.elements::<f32>().unwrap()[..],
        [1., -1., 0., 0., 0., 0., 0., -1., 5., 1., 0., 5.]
    );
}

#[test]
fn the_middle_is_what_is_cropped() {
    let lines: Vec<u8> = (0..10_u8).flat_map(|line| [line; 6 * 3]).collect();
    let image = Image::from_rgb(6, 10, lines).unwrap();
    let middle = image.crop_centre(4, 4);
    assert_eq!((middle.width(), middle.height()), (4, 4));
    assert_eq!(middle.pixels()[0], 3);
    // A part that is larger than the image is the image.
    assert_eq!(image.crop_centre(100, 100), image);
    // The shape is the model's, whatever the image's is.
    let wide = Preparation::new(8, 2, Layout::Nhwc);
    assert_eq!(wide.cropped(&image), (6, 2));
    assert_eq!(wide.crop(0.5).cropped(&image), (3, 1));
}

#[test]
fn the_model_says_what_it_takes() {
    let input = |ty, sizes: &[u32]| Description {
        name: "image".to_owned(),
        ty,
        dimensions: Some(sizes.iter().copied().map(Dimension::Fixed).collect()),
    };
    let of = |ty, sizes: &[u32]| Preparation::for_input(&input(ty, sizes));
    let planes = of(Some(TensorType::F32), &[1, 3, 20, 30]).unwrap();
    assert_eq!(planes, Preparation::new(30, 20, Layout::Nchw));
    let bytes = of(Some(TensorType::U8), &[1, 2, 2, 3]).unwrap();
    let tensor = bytes.tensor(&four()).unwrap();
    assert_eq!(tensor.elements::<u8>().unwrap()[..], four().pixels()[..]);
    for (ty, sizes) in [
        (Some(TensorType::I64), &[1, 3, 20, 30][..]),
        (None, &[1, 3]),
        (None, &[1, 4, 20, 30]),
        (None, &[]),
    ] {
        assert!(of(ty, sizes).is_err());
    }
}
