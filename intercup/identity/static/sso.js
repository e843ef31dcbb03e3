// The page's button does the same where scripts don't run.
document.getElementById("answer").submit();
