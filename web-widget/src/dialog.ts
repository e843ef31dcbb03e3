/** Dialogs without browser support (Safari before 15.4, Firefox before 98): the style shows them by `open`. */

export function openModal(dialog: HTMLDialogElement | null): void {
  if (dialog?.showModal) return dialog.showModal();
  dialog?.setAttribute("role", "dialog");
  dialog?.setAttribute("aria-modal", "true");
  dialog?.setAttribute("open", "");
}

export function closeDialog(dialog: HTMLDialogElement | null): void {
  if (dialog?.close) return dialog.close();
  dialog?.removeAttribute("open");
}
