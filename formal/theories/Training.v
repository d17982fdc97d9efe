(** * From the bytes of a file to training. *)
From Coq Require Import List ZArith NArith QArith Reals Bool Lra.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Expr.
From SimCert Require Import Syntax Printer Meaning Proper Check Dynamics Losses.
From SimCert Require Flow Invariance.
Import ListNotations.
Local Open Scope R_scope.

(** the claim says that [L] is invariant *)
Definition claims_invariant (c : claim) (L : subspace) : Prop := c = Invariant L \/ exists gs, c = FixedSpace gs L.

(** what training does from a point of [L], for functions [sigma]: every step of gradient descent, and every solution of the gradient flow, stays *)
Definition training_stays (m : model) (sigma : text -> R -> R) (L : subspace) : Prop :=
  (forall data eta theta, in_subspace L theta -> all_regular m sigma data theta ->
     in_subspace L (fun j => theta j - eta * loss_gradient m sigma data theta j)) /\
  (forall data T theta, (forall u, in_subspace L u -> all_regular m sigma data u) -> gradients_lipschitz m sigma L -> slopes_bounded m data T theta ->
     follows_flow m sigma data T theta -> in_subspace L (theta 0) -> forall t, 0 <= t <= T -> in_subspace L (theta t)).

Theorem certificate_stays c : check_certificate c = Verified ->
  forall L, claims_invariant (c_claim c) L -> forall sigma, admissible (c_model c) (c_assumptions c) sigma -> training_stays (c_model c) sigma L.
Proof.
  intros (Hok & Hc & _)%check_certificate_sound L HL sigma Ha. set (m := c_model c).
  assert (Inv : invariant_for m L sigma).
  { destruct HL as [E|[gs E]]; rewrite E in Hc; [exact (Hc sigma Ha)|exact (proj2 (proj2 Hc sigma Ha))]. }
  assert (Ech : subspace_ok m L = true).
  { unfold certificate_ok in Hok. apply andb_prop in Hok as [[_ Hok]%andb_prop _]. destruct HL as [E|[gs E]]; rewrite E in Hok; [exact Hok|].
    cbn [claim_ok] in Hok. now apply andb_prop in Hok as [_ Hok]. }
  split.
  - intros data eta theta. now apply descent_step.
  - intros data T theta. now apply (flow_stays m L Ech).
Qed.
Theorem verified_stays t : check_text t = Verified -> exists c, t = print_certificate c /\
  forall L, claims_invariant (c_claim c) L -> forall sigma, admissible (c_model c) (c_assumptions c) sigma -> training_stays (c_model c) sigma L.
Proof. intros (c & E & H)%check_text_verified. exists c. split; [exact E|]. now apply certificate_stays. Qed.

(** For data with a symmetry: steps of gradient descent on all the data, and its flow. *)
Theorem verified_data_stays t : check_text t = Verified -> exists c, t = print_certificate c /\
  forall data gs f L, c_claim c = DataInvariant data gs f L -> forall sigma, admissible (c_model c) (c_assumptions c) sigma ->
  let m := c_model c in
  forall l, differentiable_loss m l -> symmetric_loss m gs l ->
  let gradient := fun (theta : vec) j => partial (risk m sigma l data) j theta in
  let regular_data := fun theta => forall e, In e data -> regular m sigma theta (input_vector m e) in
  (forall eta theta, in_subspace L theta -> regular_data theta -> in_subspace L (fun j => theta j - eta * gradient theta j)) /\
  (forall T theta, (forall u, in_subspace L u -> regular_data u) -> (forall r, In r (s_rows L) -> Flow.lipb (fun u => row_of r (gradient u))) ->
     (forall t, 0 <= t <= T -> forall j, is_derive (fun t => theta t j) t (- gradient (theta t) j)) ->
     in_subspace L (theta 0) -> forall t, 0 <= t <= T -> in_subspace L (theta t)).
Proof.
  intros H. destruct (check_text_sound t H) as (c & Ht & Hok & Hc). exists c. split; [exact Ht|].
  intros data gs f L E sigma Ha m l Hl Hs gradient regular_data. rewrite E in Hc. destruct Hc as (_ & _ & Hc). destruct (Hc sigma Ha) as (_ & HR & _).
  assert (Tan : forall u, in_subspace L u -> regular_data u -> tangent L (gradient u)) by (intros u Hu Hr r Hin; exact (proj2 (HR l Hl Hs u Hu Hr) r Hin)).
  assert (Ech : subspace_ok m L = true).
  { unfold certificate_ok in Hok. apply andb_prop in Hok as [[_ Hok]%andb_prop _]. rewrite E in Hok. cbn [claim_ok] in Hok. now apply andb_prop in Hok as [_ Hok]. }
  split.
  - intros eta theta Hth Hr r Hin. transitivity (row_of r (fun j => 1 * theta j + (- eta) * gradient theta j)).
    { unfold row_of. apply Invariance.rsum_ext. intros e _. f_equal. unfold entry. ring. }
    rewrite row_of_lin, (Hth r Hin), (Tan theta Hth Hr r Hin). ring.
  - intros T theta Hr Hl'. apply (field_stays m L Ech (fun _ => gradient)).
    + intros _ u _ Hu. exact (Tan u Hu (Hr u Hu)).
    + intros r Hin. now apply Flow.lipb_always, Hl'.
Qed.

(** The sum of squared errors is such a loss. *)
Theorem verified_squares t : check_text t = Verified -> exists c, t = print_certificate c /\
  forall data gs f L, c_claim c = DataInvariant data gs f L -> let m := c_model c in differentiable_loss m (square_loss m) /\ symmetric_loss m gs (square_loss m).
Proof.
  intros H. destruct (check_text_sound t H) as (c & Ht & Hok & _). exists c. split; [exact Ht|]. intros data gs f L E m.
  split; [apply square_loss_differentiable|]. unfold certificate_ok in Hok. apply andb_prop in Hok as [[[Hm _]%andb_prop Hc]%andb_prop _].
  rewrite E in Hc. cbn [claim_ok] in Hc. apply andb_prop in Hc as [Hc _]. unfold data_claim_ok in Hc. apply andb_prop in Hc as [[[_ Hc]%andb_prop _]%andb_prop _].
  unfold model_ok in Hm. apply andb_prop in Hm as [_ Hm]. now apply square_loss_symmetric.
Qed.

Theorem verified_leaves t : check_text t = Verified -> exists c, t = print_certificate c /\
  forall L, c_claim c = NotInvariant L -> exists sigma, polynomial_members (c_model c) sigma /\
  exists theta0 x k i, in_subspace L theta0 /\
  forall T theta, 0 < T -> follows_flow (c_model c) sigma [one_output x k i] T theta -> (forall j, theta 0 j = theta0 j) ->
  ~ exists eps, 0 < eps <= T /\ forall t, 0 <= t < eps -> in_subspace L (theta t).
Proof.
  intros H. destruct (check_text_sound t H) as (c & Ht & _ & Hc). exists c. split; [exact Ht|]. intros L E. rewrite E in Hc.
  destruct Hc as (sigma & Hm & Hn). exists sigma. split; [exact Hm|].
  destruct (flow_leaves _ _ _ Hn) as (theta0 & x & k & i & H1 & _ & H2). exists theta0, x, k, i. split; assumption.
Qed.
