//! A family whose children are all made at the start and never more: an unknown label value is counted as `other`.
//!
//! Each child is a collector of its own with constant labels. The library's vectors hash label values without a
//! separator, so that `("get", "subs")` and `("gets", "ubs")` would be one series.

use std::collections::HashMap;

use prometheus::core::Collector;
use prometheus::{Gauge, Histogram, HistogramOpts, IntCounter, IntGauge, Opts, Registry, Result};

use super::labels::OTHER;

/// A label and the values it may have.
pub(super) type Label = (&'static str, &'static [&'static str]);

/// What a family may be made of.
pub(super) trait Child: Collector + Clone + 'static {
    fn make(opts: Opts, buckets: &[f64]) -> Result<Self>;
}

impl Child for IntCounter {
    fn make(opts: Opts, _: &[f64]) -> Result<Self> {
        IntCounter::with_opts(opts)
    }
}

impl Child for prometheus::Counter {
    fn make(opts: Opts, _: &[f64]) -> Result<Self> {
        prometheus::Counter::with_opts(opts)
    }
}

impl Child for IntGauge {
    fn make(opts: Opts, _: &[f64]) -> Result<Self> {
        IntGauge::with_opts(opts)
    }
}

impl Child for Gauge {
    fn make(opts: Opts, _: &[f64]) -> Result<Self> {
        Gauge::with_opts(opts)
    }
}

impl Child for Histogram {
    fn make(opts: Opts, buckets: &[f64]) -> Result<Self> {
        Histogram::with_opts(HistogramOpts { common_opts: opts, buckets: buckets.to_vec() })
    }
}

/// Makes metrics and registers them; `buckets` are the upper bounds of a histogram and mean nothing elsewhere.
pub(super) struct Registrar<'a> {
    pub(super) registry: &'a Registry,
}

impl Registrar<'_> {
    pub(super) fn one<M: Child>(&self, name: &str, help: &str, buckets: &[f64]) -> Result<M> {
        self.child(name, help, buckets, HashMap::new())
    }

    pub(super) fn family<M: Child, const N: usize>(
        &self,
        name: &str,
        help: &str,
        buckets: &[f64],
        labels: [Label; N],
    ) -> Result<Family<M, N>> {
        let values = labels.map(|(_, values)| closed(values));
        let children = every(&values).into_iter().map(|tuple| {
            let pairs =
                labels.iter().zip(tuple).map(|((label, _), value)| (label.to_string(), value.to_owned()));
            self.child(name, help, buckets, pairs.collect())
        });
        let children = children.collect::<Result<Vec<M>>>()?;
        Ok(Family { values, children })
    }

    fn child<M: Child>(
        &self,
        name: &str,
        help: &str,
        buckets: &[f64],
        labels: HashMap<String, String>,
    ) -> Result<M> {
        let child = M::make(Opts::new(name, help).namespace("mozyd").const_labels(labels), buckets)?;
        self.registry.register(Box::new(child.clone()))?;
        Ok(child)
    }
}

/// The values of a label, each once, and `other`.
fn closed(values: &'static [&'static str]) -> Vec<&'static str> {
    let mut closed: Vec<&'static str> = Vec::with_capacity(values.len() + 1);
    for value in values.iter().copied().chain([OTHER]) {
        if !closed.contains(&value) {
            closed.push(value);
        }
    }
    closed
}

/// Every tuple of values, the last label running fastest.
fn every(values: &[Vec<&'static str>]) -> Vec<Vec<&'static str>> {
    values.iter().fold(vec![Vec::new()], |tuples, values| {
        let longer = |tuple: &Vec<&'static str>, value| [tuple.as_slice(), &[value]].concat();
        tuples.iter().flat_map(|tuple| values.iter().map(move |value| longer(tuple, value))).collect()
    })
}

/// A closed family with `N` labels.
pub(super) struct Family<M, const N: usize> {
    values: [Vec<&'static str>; N],
    children: Vec<M>,
}

impl<M, const N: usize> Family<M, N> {
    /// The child of these values, in the order in which the labels were declared.
    pub(super) fn at(&self, wanted: [&str; N]) -> Option<&M> {
        self.children.get(self.index(wanted))
    }

    fn index(&self, wanted: [&str; N]) -> usize {
        self.values.iter().zip(wanted).fold(0, |index, (values, wanted)| {
            let place = |wanted| values.iter().position(|value| *value == wanted);
            index * values.len() + place(wanted).or_else(|| place(OTHER)).unwrap_or_default()
        })
    }
}

impl<const N: usize> Family<IntCounter, N> {
    /// Counts one.
    pub(super) fn count(&self, wanted: [&str; N]) {
        if let Some(child) = self.at(wanted) {
            child.inc();
        }
    }
}

impl<const N: usize> Family<Histogram, N> {
    /// Notes a time span.
    pub(super) fn observe(&self, wanted: [&str; N], seconds: f64) {
        if let Some(child) = self.at(wanted) {
            child.observe(seconds);
        }
    }
}

impl<const N: usize> Family<IntGauge, N> {
    /// Takes these numbers for the whole family: what is not named is zero, what is named twice is added up.
    pub(super) fn replace<'a>(&self, numbers: impl IntoIterator<Item = ([&'a str; N], i64)>) {
        let mut sums = vec![0; self.children.len()];
        for (wanted, number) in numbers {
            if let Some(sum) = sums.get_mut(self.index(wanted)) {
                *sum += number;
            }
        }
        self.children.iter().zip(sums).for_each(|(child, sum)| child.set(sum));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(registry: &Registry) -> Family<IntCounter, 2> {
        let labels: [Label; 2] = [("verb", &["get", "gets"]), ("noun", &["subs", "ubs"])];
        Registrar { registry }.family("calls_total", "Calls.", &[], labels).unwrap()
    }

    #[test]
    fn values_that_read_the_same_when_joined_are_two_series() {
        let registry = Registry::new();
        let family = family(&registry);
        family.count(["get", "subs"]);
        assert_eq!(family.at(["get", "subs"]).unwrap().get(), 1);
        assert_eq!(family.at(["gets", "ubs"]).unwrap().get(), 0);
        assert_eq!(registry.gather()[0].get_metric().len(), 9);
    }

    #[test]
    fn unknown_values_are_counted_as_other_and_make_no_child() {
        let registry = Registry::new();
        let family = family(&registry);
        family.count(["get", "nobody"]);
        family.count(["nothing", "nobody"]);
        assert_eq!(family.at(["get", "other"]).unwrap().get(), 1);
        assert_eq!(family.at(["other", "other"]).unwrap().get(), 1);
        assert_eq!(registry.gather()[0].get_metric().len(), 9);
    }

    #[test]
    fn replacing_zeroes_what_is_not_named() {
        let registry = Registry::new();
        let gauges: Family<IntGauge, 1> = Registrar { registry: &registry }
            .family("things", "Things.", &[], [("kind", &["a", "b"])])
            .unwrap();
        gauges.replace([(["a"], 3), (["x"], 1), (["y"], 1)]);
        gauges.replace([(["b"], 2), (["x"], 1), (["y"], 1)]);
        let now: Vec<i64> = ["a", "b", "other"].iter().map(|kind| gauges.at([kind]).unwrap().get()).collect();
        assert_eq!(now, [0, 2, 2]);
    }
}
