"""Start Rasa without TensorFlow, which nothing in our pipeline uses."""

import importlib.util
import sys
from types import ModuleType
from typing import Dict, Tuple

# The modules through which Rasa imports TensorFlow even for a pipeline without neural components.
TENSORFLOW_MODULES = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
}
# It checks a training, and imports all neural components for it; a model's file only names it.
VALIDATOR = {
    "rasa.graph_components.validators.default_recipe_validator": ("DefaultV1RecipeValidator",),
}
# To train, Rasa imports every component that a pipeline might name.
NEURAL_COMPONENTS = {
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.core.policies.unexpected_intent_policy": ("UnexpecTEDIntentPolicy",),
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": ("ConveRTFeaturizer",),
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": ("LanguageModelFeaturizer",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
}


def leave_out_tensorflow() -> None:
    """Prepare to serve a model; call before importing Rasa.

    Saves 4 s of the start and 0.35 GB. A pipeline with a neural component would still import
    TensorFlow for itself, then fail for the lack of these classes.
    """
    _put_empty_classes({**TENSORFLOW_MODULES, **VALIDATOR})


def leave_out_neural_components() -> None:
    """Prepare to train; call before importing Rasa.

    Saves 3.5 s and 0.25 GB. All else is there, the checks of the recipe included; a pipeline that
    names a neural component is refused as one that names an unknown component.
    """
    _put_empty_classes({**TENSORFLOW_MODULES, **NEURAL_COMPONENTS})


def _put_empty_classes(modules: Dict[str, Tuple[str, ...]]) -> None:
    for module_name, class_names in modules.items():
        module = ModuleType(module_name)
        module.__spec__ = importlib.util.spec_from_loader(module_name, loader=None)
        for class_name in class_names:
            setattr(module, class_name, type(class_name, (), {}))
        sys.modules[module_name] = module
