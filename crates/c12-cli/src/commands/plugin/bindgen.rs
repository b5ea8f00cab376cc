use std::path::{Path, PathBuf};

use c12_bindgen::{Blocking, HEADERS, Options, World};
use clap::{Args, ValueEnum};

use crate::report::{self, Failure};

/// Writes the header that a plugin in C or C++ is written against, from its WIT.
///
/// WIT is a file, or a folder with the package and its `deps`. The headers that the generated one includes, and a script
/// for the linker, are put beside it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  c12 plugin bindgen --lang cpp text-tools.wit -o include\n  g++ -std=c++17 -shared -fPIC -Iinclude -Wl,--version-script=include/c12_plugin.map text-tools.cpp -o text-tools.so"
)]
pub(crate) struct Bindgen {
    /// The language.
    #[arg(long, value_enum)]
    lang: Language,

    /// The world, if the package has several.
    #[arg(long, value_name = "NAME")]
    world: Option<String>,

    /// Functions that wait, as `example:db/sql@1.0.0#query`, or an interface; `all` for all of them.
    #[arg(long, value_name = "FUNCTION")]
    blocking: Vec<String>,

    /// The folder for what is written; made if it is not there.
    #[arg(short, long, value_name = "FOLDER", default_value = ".")]
    output: PathBuf,

    /// The WIT.
    wit: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    C,
    Cpp,
}

impl Bindgen {
    pub(crate) fn execute(self) -> Result<u8, Failure> {
        let unusable = |error: c12_bindgen::Error| {
            Failure::own(format!("cannot use the WIT {}", self.wit.display())).because(error)
        };
        let world = World::from_path(&self.wit, self.world.as_deref()).map_err(unusable)?;
        let blocking = match self.blocking.as_slice() {
            [] => Blocking::Nothing,
            names if names.iter().any(|name| name == "all") => Blocking::Everything,
            names => Blocking::These(names.to_vec()),
        };
        blocking.check(&world).map_err(unusable)?;
        let options = Options { blocking };
        let (header, extension) = match self.lang {
            Language::C => (c12_bindgen::c::header(&world, &options), "h"),
            Language::Cpp => (c12_bindgen::cpp::header(&world, &options), "hpp"),
        };
        let header = header.map_err(unusable)?;
        std::fs::create_dir_all(&self.output).map_err(|error| {
            let folder = self.output.display();
            Failure::own(format!("cannot make the folder {folder}")).because(error)
        })?;
        let name = format!("{}.{extension}", world.name());
        self.write(Path::new(&name), &header)?;
        for (name, text) in HEADERS {
            let for_cpp = name.ends_with(".hpp");
            if self.lang == Language::Cpp || !for_cpp {
                self.write(Path::new(name), text)?;
            }
        }
        let written = self.output.join(name);
        report::output(&format!("wrote {}\n", written.display()))?;
        Ok(0)
    }

    fn write(&self, name: &Path, text: &str) -> Result<(), Failure> {
        let path = self.output.join(name);
        // All that is written here tells where it comes from.
        let ours = |there: &[u8]| {
            let there = String::from_utf8_lossy(there);
            there.contains("c12 plugin bindgen") || there.contains("c12_plugin")
        };
        if std::fs::read(&path).is_ok_and(|there| !ours(&there)) {
            return Err(Failure::own(format!("cannot write {}", path.display()))
                .because("there is a file of that name that `c12 plugin bindgen` did not write")
                .with_help("move it, or name another folder with `-o`"));
        }
        std::fs::write(&path, text).map_err(|error| {
            Failure::own(format!("cannot write {}", path.display())).because(error)
        })
    }
}
