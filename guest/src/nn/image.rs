//! From a photograph to what a model takes.
//!
//! ```no_run
//! use c12_wasm::nn::Graph;
//! use c12_wasm::nn::image::{Image, Preparation};
//!
//! # fn classify(photograph: &[u8]) -> c12_wasm::nn::Result<()> {
//! let graph = Graph::load_by_name("classifier")?;
//! // Size and layout as the model takes them; the rest is what it was trained with.
//! let preparation = Preparation::for_model(&graph)?.normalise([127.0; 3], [128.0; 3]);
//! let image = Image::decode(photograph)?;
//! let outputs = graph.compute([("image", &preparation.tensor(&image)?)])?;
//! assert_eq!(outputs.first()?.dimensions(), [1, 1000]);
//! # Ok(())
//! # }
//! # Ok::<(), c12_wasm::nn::Error>(())
//! ```

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, RgbImage};

use super::{Description, Dimension, Error, Graph, Result, Tensor, TensorType};

/// More pixels in a line than cameras have.
const LONGEST_SIDE: u32 = 16_384;

/// What decoding may take, in bytes: an image of 24 bits with that side would be 800 million.
const MOST_BYTES: u64 = 1 << 28;

/// A picture in red, green and blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image(RgbImage);

/// How colours are found between pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Filter {
    /// The nearest pixel
    Nearest,
    /// Linear in both directions
    Bilinear,
    /// Cubic in both directions (Catmull-Rom), what most models of images were trained with
    #[default]
    Bicubic,
}

/// In which order a tensor has its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// A plane for each colour: `[1, 3, height, width]`, as ONNX and PyTorch models have it.
    #[default]
    Nchw,
    /// The colours of each pixel together: `[1, height, width, 3]`, as TensorFlow models have it.
    Nhwc,
}

impl Image {
    /// Reads a JPEG or PNG, whichever it is, and turns it as its camera was held. Transparent parts are as they would be
    /// without transparency.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if it is neither or damaged, [`Error::TooLarge`] if it has more than 16384 pixels in a line
    /// or would take more than 256 MiB.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let read = || {
            let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
            let mut limits = Limits::default();
            limits.max_image_width = Some(LONGEST_SIDE);
            limits.max_image_height = Some(LONGEST_SIDE);
            limits.max_alloc = Some(MOST_BYTES);
            reader.limits(limits.clone());
            let mut decoder = reader.into_decoder()?;
            limits.reserve(decoder.total_bytes())?;
            let orientation = decoder.orientation()?;
            let mut image = DynamicImage::from_decoder(decoder)?;
            image.apply_orientation(orientation);
            Ok(image.into_rgb8())
        };
        read()
            .map(Self)
            .map_err(|error: image::ImageError| match error {
                image::ImageError::Limits(_) => {
                    Error::TooLarge(format!("the image is too large: {error}"))
                }
                image::ImageError::Unsupported(_) => {
                    Error::InvalidArgument("it is no JPEG or PNG".to_owned())
                }
                error => Error::InvalidArgument(format!("the image cannot be read: {error}")),
            })
    }

    /// Pixels that are decoded already: red, green, blue, line by line.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if there are more or fewer than the size asks for.
    pub fn from_rgb(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self> {
        let given = pixels.len();
        let wanted = 3 * u128::from(width) * u128::from(height);
        Some(pixels)
            .filter(|pixels| pixels.len() as u128 == wanted)
            .and_then(|pixels| RgbImage::from_raw(width, height, pixels))
            .map(Self)
            .ok_or_else(|| {
                Error::InvalidArgument(format!(
                    "{given} bytes are no image of {width} x {height} pixels of 3"
                ))
            })
    }

    /// In pixels.
    pub fn width(&self) -> u32 {
        self.0.width()
    }

    /// In pixels.
    pub fn height(&self) -> u32 {
        self.0.height()
    }

    /// Red, green, blue, line by line.
    pub fn pixels(&self) -> &[u8] {
        self.0.as_raw()
    }

    /// In another size.
    #[must_use]
    pub fn resize(&self, width: u32, height: u32, filter: Filter) -> Self {
        let filter = match filter {
            Filter::Nearest => FilterType::Nearest,
            Filter::Bilinear => FilterType::Triangle,
            Filter::Bicubic => FilterType::CatmullRom,
        };
        Self(imageops::resize(&self.0, width, height, filter))
    }

    /// The middle, at most as large as the image.
    #[must_use]
    pub fn crop_centre(&self, width: u32, height: u32) -> Self {
        let (width, height) = (width.min(self.width()), height.min(self.height()));
        let left = (self.width() - width) / 2;
        let top = (self.height() - height) / 2;
        Self(imageops::crop_imm(&self.0, left, top, width, height).to_image())
    }
}

/// What is done with an image before a model gets it.
///
/// By default all of the middle is taken, scaled with [`Filter::Bicubic`], and numbers go from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Preparation {
    width: u32,
    height: u32,
    layout: Layout,
    ty: TensorType,
    crop: f32,
    filter: Filter,
    mean: [f32; 3],
    deviation: [f32; 3],
}

impl Preparation {
    /// For a model that takes `f32` of this size.
    pub fn new(width: u32, height: u32, layout: Layout) -> Self {
        Self {
            width,
            height,
            layout,
            ty: TensorType::F32,
            crop: 1.0,
            filter: Filter::default(),
            mean: [0.0; 3],
            deviation: [255.0; 3],
        }
    }

    /// With the size, the layout and the type that a model's first input has.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if that is no image of three colours and a fixed size.
    pub fn for_model(graph: &Graph) -> Result<Self> {
        let first = graph.signature()?.inputs.first();
        first
            .ok_or_else(|| {
                Error::InvalidArgument("the model does not say what it takes".to_owned())
            })
            .and_then(Self::for_input)
    }

    /// The same for any input.
    ///
    /// # Errors
    ///
    /// As [`Preparation::for_model`].
    pub fn for_input(input: &Description) -> Result<Self> {
        let refused =
            || Error::InvalidArgument(format!("the model takes `{input}`, which is no image"));
        let dimensions = input.dimensions.as_deref().unwrap_or_default();
        let [_, rest @ ..] = dimensions else {
            return Err(refused());
        };
        let sizes: Vec<Option<u32>> = rest.iter().map(Dimension::size).collect();
        let (layout, height, width) = match sizes[..] {
            [Some(3), Some(height), Some(width)] => (Layout::Nchw, height, width),
            [Some(height), Some(width), Some(3)] => (Layout::Nhwc, height, width),
            _ => return Err(refused()),
        };
        let ty = match input.ty {
            Some(ty @ (TensorType::F32 | TensorType::U8)) => ty,
            None => TensorType::F32,
            Some(_) => return Err(refused()),
        };
        Ok(Self {
            ty,
            ..Self::new(width, height, layout)
        })
    }

    /// Takes the middle that has this part of the shorter side: 0.875 is usual.
    #[must_use]
    pub fn crop(mut self, part: f32) -> Self {
        self.crop = part.clamp(0.0, 1.0);
        self
    }

    /// How the image is scaled.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Takes a mean from each colour, which goes from 0 to 255, and divides by a deviation. For models that take bytes it
    /// does nothing.
    #[must_use]
    pub fn normalise(mut self, mean: [f32; 3], deviation: [f32; 3]) -> Self {
        self.mean = mean;
        self.deviation = deviation;
        self
    }

    /// As models are trained that PyTorch's `torchvision` has.
    #[must_use]
    pub fn normalise_as_torchvision(self) -> Self {
        self.normalise([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
    }

    /// What the model takes.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if the image or the model's input has no pixels.
    pub fn tensor(&self, image: &Image) -> Result<Tensor> {
        let (width, height) = self.cropped(image);
        if width == 0 || height == 0 || self.width == 0 || self.height == 0 {
            return Err(Error::InvalidArgument("the image has no pixels".to_owned()));
        }
        let image = image
            .crop_centre(width, height)
            .resize(self.width, self.height, self.filter);
        let dimensions = match self.layout {
            Layout::Nchw => [1, 3, self.height, self.width],
            Layout::Nhwc => [1, self.height, self.width, 3],
        };
        if self.ty == TensorType::U8 {
            return Tensor::new(&dimensions, &self.ordered(image.pixels(), |_, byte| byte));
        }
        let number = |colour: usize, byte: u8| {
            let mean = self.mean.get(colour).copied().unwrap_or_default();
            let deviation = self.deviation.get(colour).copied().unwrap_or(1.0);
            (f32::from(byte) - mean) / deviation
        };
        Tensor::new(&dimensions, &self.ordered(image.pixels(), number))
    }

    /// The part of the image that has the shape which the model takes.
    fn cropped(&self, image: &Image) -> (u32, u32) {
        let across = u64::from(image.width()) * u64::from(self.height);
        let down = u64::from(image.height()) * u64::from(self.width);
        let (all, wanted) = if across <= down {
            (image.width(), self.width)
        } else {
            (image.height(), self.height)
        };
        let part = f64::from(all) * f64::from(self.crop);
        // Halves go to the even number, as in Python, in which models are trained.
        let side = |size: u32| {
            let side = part * f64::from(size) / f64::from(wanted.max(1));
            side.round_ties_even() as u32
        };
        (side(self.width), side(self.height))
    }

    fn ordered<T>(&self, pixels: &[u8], number: impl Fn(usize, u8) -> T) -> Vec<T> {
        let mut numbers = Vec::with_capacity(pixels.len());
        match self.layout {
            Layout::Nhwc => {
                let colours = pixels.iter().enumerate();
                numbers.extend(colours.map(|(at, byte)| number(at % 3, *byte)));
            }
            Layout::Nchw => {
                for colour in 0..3 {
                    let plane = pixels.iter().skip(colour).step_by(3);
                    numbers.extend(plane.map(|byte| number(colour, *byte)));
                }
            }
        }
        numbers
    }
}

#[cfg(test)]
mod tests;
