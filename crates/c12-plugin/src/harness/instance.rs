use std::collections::{BTreeMap, BTreeSet};
use std::ffi::c_void;

use c12_bindgen::Kind;
use wit_parser::TypeId;

use super::host::Call;
use super::lift::Lift;
use super::lower::{Lower, Memory};
use super::{Entry, Harness, HarnessError, Resource, Value};

/// What one instance of a guest has of a plugin. When it is dropped, its resources end first.
#[derive(Debug)]
pub struct Instance<'h> {
    pub(super) harness: &'h Harness,
    data: *mut c_void,
    pub(super) resources: Resources,
}

// SAFETY: functions are called from any thread, for one instance one after another, as `c12_plugin.h` says.
unsafe impl Send for Instance<'_> {}

/// The resources that an instance holds.
#[derive(Debug, Default)]
pub(super) struct Resources {
    held: BTreeMap<u64, (TypeId, u64)>,
    last: u64,
}

impl Resources {
    /// Holds one that the plugin made.
    pub(super) fn add(&mut self, of: TypeId, rep: u64) -> Resource {
        self.last += 1;
        self.held.insert(self.last, (of, rep));
        Resource(self.last)
    }

    /// The oldest.
    pub(super) fn first(&self) -> Option<Resource> {
        self.held.keys().next().map(|number| Resource(*number))
    }

    /// One of a type that is not in use.
    pub(super) fn any(&self, of: TypeId, lending: &BTreeSet<u64>) -> Option<Resource> {
        self.held
            .iter()
            .find(|(number, (ty, _))| *ty == of && !lending.contains(number))
            .map(|(number, _)| Resource(*number))
    }
}

/// What a call borrows and takes.
#[derive(Debug, Default)]
pub(super) struct Lending {
    lent: BTreeSet<u64>,
    given: BTreeSet<u64>,
}

impl Lending {
    /// What the plugin calls a resource that is lent or given away.
    pub(super) fn lend(
        &mut self,
        resources: &Resources,
        Resource(number): Resource,
        of: TypeId,
        own: bool,
    ) -> Result<u64, String> {
        let Some((ty, rep)) = resources.held.get(&number) else {
            return Err(format!("resource {number} is not held"));
        };
        if *ty != of {
            return Err(format!("resource {number} is of another type"));
        }
        let taken = self.given.contains(&number) || (own && self.lent.contains(&number));
        if taken {
            return Err(format!(
                "resource {number} is given away and used in one call"
            ));
        }
        if own {
            self.given.insert(number);
        } else {
            self.lent.insert(number);
        }
        Ok(*rep)
    }
}

impl<'h> Instance<'h> {
    pub(super) fn new(harness: &'h Harness) -> Result<Self, HarnessError> {
        let mut data = harness.plugin;
        if let Some(instantiate) = harness.description.instantiate {
            data = std::ptr::null_mut();
            let mut call = Call::default();
            // SAFETY: `open` made the plugin.
            let status = unsafe { instantiate(call.as_abi(), harness.plugin, &mut data) };
            call.finish(status).map_err(HarnessError::Instantiate)?;
        }
        Ok(Instance {
            harness,
            data,
            resources: Resources::default(),
        })
    }

    /// Calls a function. `interface` is the name with its version, or `None` for functions of the world itself;
    /// `function` is as the component model names it: `reverse`, `[constructor]table`, `[method]table.insert`.
    ///
    /// # Errors
    ///
    /// There is no such function, the arguments are of other types, it trapped, or it returned what its type does not
    /// allow.
    pub fn call<'n>(
        &mut self,
        interface: impl Into<Option<&'n str>>,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, HarnessError> {
        let interface = interface.into();
        let functions = self.harness.functions();
        let entry = functions.iter().find(|entry| {
            entry.interface.as_deref() == interface && entry.function.name == function
        });
        match entry {
            Some(entry) => self.call_entry(entry, arguments),
            None => Err(HarnessError::NoFunction {
                name: match interface {
                    Some(interface) => format!("{interface}#{function}"),
                    None => function.to_owned(),
                },
                known: functions.iter().map(Entry::path).collect(),
            }),
        }
    }

    /// Ends a resource, as a guest does that has no more use for it.
    ///
    /// # Errors
    ///
    /// It is not held, or the function that ends it trapped.
    pub fn drop_resource(&mut self, resource: Resource) -> Result<(), HarnessError> {
        let Some((of, rep)) = self.resources.held.remove(&resource.0) else {
            return Err(HarnessError::Argument {
                function: "[resource-drop]".into(),
                message: format!("resource {} is not held", resource.0),
            });
        };
        let entry = self
            .harness
            .functions()
            .iter()
            .find(|entry| entry.function.kind == Kind::Drop(of));
        let Some(entry) = entry else {
            return Ok(());
        };
        let mut call = Call::default();
        let argument = [rep];
        // SAFETY: the function gets one resource, which the plugin made and nobody uses any more.
        let status = unsafe {
            (entry.pointer)(
                call.as_abi(),
                self.data,
                argument.as_ptr().cast(),
                std::ptr::null_mut(),
            )
        };
        call.finish(status).map_err(|message| HarnessError::Trap {
            function: entry.path(),
            message,
        })
    }

    /// How many resources it holds.
    pub fn resource_count(&self) -> usize {
        self.resources.held.len()
    }

    pub(super) fn call_entry(
        &mut self,
        entry: &Entry,
        arguments: &[Value],
    ) -> Result<Option<Value>, HarnessError> {
        if let Kind::Drop(_) = entry.function.kind {
            let [Value::Resource(resource)] = arguments else {
                return Err(HarnessError::Argument {
                    function: entry.path(),
                    message: "one resource is expected".into(),
                });
            };
            self.drop_resource(*resource)?;
            return Ok(None);
        }
        let world = self.harness.world();
        let mut memory = Memory::default();
        let mut lending = Lending::default();
        let given = self.lower(entry, arguments, &mut memory, &mut lending)?;
        // What the plugin takes is its own from the moment of the call, even if it traps.
        for number in &lending.given {
            self.resources.held.remove(number);
        }
        let size = entry.function.result.map_or(0, |ty| world.layout(&ty).size);
        let results = memory.allocate(size);

        let mut call = Call::default();
        // SAFETY: the arguments and the room for the result are those of the function; both live until after the call.
        let status =
            unsafe { (entry.pointer)(call.as_abi(), self.data, given.cast(), results.cast()) };
        call.finish(status).map_err(|message| HarnessError::Trap {
            function: entry.path(),
            message,
        })?;
        let Some(ty) = &entry.function.result else {
            return Ok(None);
        };
        let mut lift = Lift {
            world,
            resources: &mut self.resources,
        };
        // SAFETY: the plugin says that it wrote a value; what it points to lives as long as the call.
        unsafe { lift.lift(ty, results) }
            .map(Some)
            .map_err(|message| HarnessError::Result {
                function: entry.path(),
                message,
            })
    }

    /// The struct of a function's arguments.
    fn lower(
        &self,
        entry: &Entry,
        arguments: &[Value],
        memory: &mut Memory,
        lending: &mut Lending,
    ) -> Result<*const u8, HarnessError> {
        let world = self.harness.world();
        let wrong = |message: String| HarnessError::Argument {
            function: entry.path(),
            message,
        };
        let params = &entry.function.params;
        if arguments.len() != params.len() {
            return Err(wrong(format!(
                "it takes {} arguments, not {}",
                params.len(),
                arguments.len()
            )));
        }
        let layout = world.arguments(&entry.function);
        let start = memory.allocate(layout.layout.size);
        let mut lower = Lower {
            world,
            memory,
            resources: &self.resources,
            lending,
        };
        for (((name, ty), value), offset) in params.iter().zip(arguments).zip(layout.offsets) {
            // SAFETY: there is room for all arguments.
            unsafe { lower.lower(value, ty, start.add(offset)) }
                .map_err(|error| wrong(format!("argument `{name}`: {error}")))?;
        }
        Ok(start)
    }
}

impl Drop for Instance<'_> {
    fn drop(&mut self) {
        let held: Vec<u64> = self.resources.held.keys().copied().collect();
        for number in held {
            // A plugin that fails to end a resource has said so in its log; there is nobody to tell here.
            let _ = self.drop_resource(Resource(number));
        }
        if let Some(drop_instance) = self.harness.description.drop_instance {
            // SAFETY: `instantiate` made it, and its resources ended.
            unsafe { drop_instance(self.data) };
        }
    }
}
