"""Start of Rasa without TensorFlow, which our pipeline doesn't use."""

import importlib.util
import sys
from types import ModuleType
from typing import Dict, Tuple

# Modules that import TensorFlow even for a pipeline without neural components.
TENSORFLOW_MODULES = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
}
# The validator of trainings imports all neural components; a model's file only refers to it.
VALIDATOR = {
    "rasa.graph_components.validators.default_recipe_validator": ("DefaultV1RecipeValidator",),
}
# For a training Rasa imports every component that a pipeline might name.
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
    TensorFlow, then fail as these classes are missing.
    """
    _put_empty_classes({**TENSORFLOW_MODULES, **VALIDATOR})


def leave_out_neural_components() -> None:
    """Prepare to train; call before importing Rasa.

    Saves 3.5 s and 0.25 GB. All else works, the recipe's checks included; a neural component in
    the pipeline is refused as unknown.
    """
    _put_empty_classes({**TENSORFLOW_MODULES, **NEURAL_COMPONENTS})


def _put_empty_classes(modules: Dict[str, Tuple[str, ...]]) -> None:
    for module_name, class_names in modules.items():
        module = ModuleType(module_name)
        module.__spec__ = importlib.util.spec_from_loader(module_name, loader=None)
        for class_name in class_names:
            setattr(module, class_name, type(class_name, (), {}))
        sys.modules[module_name] = module
