(** * Where every activation has its derivative, the gradient of the chain rule is the gradient. *)
From Coq Require Import List ZArith NArith QArith Qreals Reals Ascii Bool Lia Lra FMapPositive.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Expr.
From SimCert Require Import Syntax Printer Parser Meaning Scalar Proper Assumed Invariance Equivariance Symmetric Letters Nodewise Slopes.
Import ListNotations.
Local Open Scope list_scope.
Local Open Scope R_scope.

Lemma is_derive_rsum {A} (f : A -> R -> R) (d : A -> R) l t : (forall a, In a l -> is_derive (f a) t (d a)) ->
  is_derive (fun u => rsum (fun a => f a u) l) t (rsum d l).
Proof.
  unfold rsum. induction l as [|a l IH]; cbn [map fold_right]; intros H; [apply @is_derive_const|].
  apply (is_derive_plus (f a) _ t (d a)); [apply H; now left|apply IH; intros; apply H; now right].
Qed.
Section Derive.
Variable m : model.
Variable known : text -> list fact.
Variable sigma : text -> R -> R.
Variable slope : text -> N -> R -> R.
Hypothesis Hs : slopes_of sigma slope.
Variable theta : R -> vec.
Variables x dtheta : vec.
Variable t0 : R.
Hypothesis Htheta : forall p, is_derive (fun t => entry (theta t) p) t0 (entry dtheta p).

Section Node.
Variable tabs : tables.
Variable v : R -> N -> arr.
Variable w : N -> arr.
Hypothesis Hv : forall k i, look tabs k i <> None -> is_derive (fun t => v t k i) t0 (w k i).
Lemma factors_derive e e' ops : forall s u, factors_moved tabs ops e e' s = Some u ->
  is_derive (fun t => rprod (fun at_s => v t (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) ops) t0 (dprod (v t0) w ops e).
Proof.
  induction ops as [|[a [term shape]] ops IH]; intros s u; cbn [factors_moved dprod].
  - intros _. unfold rprod. cbn [map fold_right]. apply @is_derive_const.
  - destruct (look tabs a (flat term shape e 0)) as [[p t]|] eqn:El; [|easy]. destruct (N.eqb p _); [|easy]. intros H. apply IH in H.
    set (P := fun t => rprod (fun at_s => v t (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) ops) in H.
    assert (D : is_derive (fun t => v t a (flat term shape e 0)) t0 (w a (flat term shape e 0))) by (apply Hv; congruence).
    exact (is_derive_mult (fun t => v t a (flat term shape e 0)) P t0 _ _ D H Rmult_comm).
Qed.
Lemma node_rule_is_derive acts n own : node_rule m known tabs acts n own = true ->
  (forall s a f o i, n = NApply s a f o -> look tabs a i <> None -> (i < size s)%N -> ex_derive (sigma f) (v t0 a i)) ->
  forall i, nth_error own (N.to_nat i) <> None ->
  is_derive (fun t => node_value m sigma (theta t) x (v t) n i) t0 (node_tangent m slope dtheta (v t0) w n i).
Proof.
  unfold node_rule. cbv zeta. intros H Hsm i Hi. apply andb_prop in H as [HL H].
  destruct (nth_error own (N.to_nat i)) as [[p t]|] eqn:Ei; [|easy]. clear Hi.
  assert (Hin := proj2 (in_numbered own i (p, t)) Ei).
  destruct n as [s name|s names|s name|s values|s args|s args terms out|s a ix|s a ix|s a f o]; cbn [node_value node_tangent].
  - apply Htheta.
  - apply Htheta.
  - apply @is_derive_const.
  - apply @is_derive_const.
  - rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H. rewrite forallb_forall in H.
    apply (is_derive_rsum (fun a t => v t a i)). intros a Ha. apply Hv. specialize (H a Ha). apply same_entry_ok in H. congruence.
  - apply andb_prop in H as [Ho H]. rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H.
    set (shapes := map (shape_at m) args) in *. set (letters := summed terms shapes out) in *. set (ops := combine args (combine terms shapes)) in *.
    rewrite enumerate_ok.
    apply (is_derive_ext (fun t => rsum (fun e => rprod (fun at_s => v t (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) ops) (enumerate letters (unflat out s i))));
      [intros u; symmetry; apply enumerate_ok|].
    apply (is_derive_rsum (fun e t => rprod (fun at_s => v t (fst at_s) (flat (fst (snd at_s)) (snd (snd at_s)) e 0)) ops)). intros e He.
    apply same_list_ok in H.
    induction H as [|e1 e2 l l' H K IH]; [easy|]. destruct He as [->|He]; [|auto]. clear IH K.
    destruct (factors_moved tabs ops e e2 false) as [u|] eqn:Eu; [|easy]. exact (factors_derive e e2 ops false u Eu).
  - rewrite forallb_forall in H. specialize (H _ Hin). cbn [fst snd] in H. rewrite !tabulate_ok in H. unfold at_.
    destruct (nth_error ix (N.to_nat i)) as [[k|]|] eqn:Ea; [| |easy]; (destruct (nth_error ix (N.to_nat p)) as [[k'|]|] eqn:Eb; [| |easy]); try easy;
      rewrite (nth_error_nth _ _ _ Ea); [|apply @is_derive_const].
    apply Hv. apply same_entry_ok in H. congruence.
  - apply andb_prop in H as [_ H4]. rewrite nrange_ok in *. rewrite forallb_forall in H4.
    apply (is_derive_rsum (fun j t => match at_ ix j None with Some k => if N.eqb k i then v t a j else 0 | None => 0 end)). intros j Hj.
    specialize (H4 j Hj). destruct (at_ ix j None) as [k|]; [|apply @is_derive_const]. destruct (N.eqb k i); [|apply @is_derive_const].
    apply Hv. destruct (look tabs a j) as [[]|]; easy.
  - apply andb_prop in H as [[H1 H2]%andb_prop H3]. apply N.eqb_eq in H1 as ->. cbn [N.to_nat Derive_n].
    rewrite forallb_forall in H2. specialize (H2 _ Hin). cbn [fst snd] in H2.
    assert (El : look tabs a i <> None) by (destruct (look tabs a i) as [[]|]; easy).
    assert (D : ex_derive (sigma f) (v t0 a i)).
    { apply (Hsm s a f 0%N i eq_refl El). apply has_length_ok in HL. cbn [shape_of] in HL.
      assert (N.to_nat i < length own)%nat by (apply nth_error_Some; congruence). lia. }
    assert (E := is_derive_comp (sigma f) (fun t => v t a i) t0 _ _ (Derive_correct _ _ D) (Hv a i El)).
    assert (Es : slope f 0%N (v t0 a i) = Derive (sigma f) (v t0 a i)) by (apply (Hs f 0%N); exact D).
    rewrite Es. rewrite Rmult_comm. exact E.
Qed.
End Node.

Lemma nodes_rule_is_derive g extra : forall l k tabs tabs' v w, nodes_rule m known g extra l k tabs = Some tabs' ->
  (forall j i, look tabs j i <> None -> (j < k)%N) ->
  (forall j s a f o i, nth_error l j = Some (NApply s a f o) -> (i < size s)%N -> ex_derive (sigma f) (run m sigma (theta t0) x l k (v t0) a i)) ->
  (forall j i, look tabs j i <> None -> is_derive (fun t => v t j i) t0 (w j i)) ->
  forall j i, look tabs' j i <> None ->
  is_derive (fun t => run m sigma (theta t) x l k (v t) j i) t0 (run_tangent m sigma slope (theta t0) x dtheta l k (v t0) w j i).
Proof.
  induction l as [|n l IH]; cbn [nodes_rule run run_tangent]; intros k tabs tabs' v w H Hd Hsm Hv.
  - injection H as <-. exact Hv.
  - destruct (flat_action (shape_of n) (acts_of m g extra n k)) as [own|] eqn:Ef; [|easy].
    destruct (node_rule m known tabs _ n own) eqn:Er; [|easy].
    apply (IH (N.succ k) _ tabs' (fun t j => if N.eqb j k then node_value m sigma (theta t) x (v t) n else v t j)
      (fun j => if N.eqb j k then node_tangent m slope dtheta (v t0) w n else w j) H).
    + intros j i. rewrite look_add. destruct (N.eqb_spec j k); [lia|]. intros K. specialize (Hd j i K). lia.
    + intros j s a f o i Hj Hi. exact (Hsm (S j) s a f o i Hj Hi).
    + intros j i. rewrite look_add. destruct (N.eqb_spec j k) as [->|D]; [|apply Hv].
      apply (node_rule_is_derive tabs v w Hv _ n own Er).
      intros s a f o i0 -> Ha Hi0. specialize (Hsm 0%nat s a f o i0 eq_refl Hi0). specialize (Hd a i0 Ha).
      rewrite run_old in Hsm by lia. destruct (N.eqb_spec a k); [lia|exact Hsm].
Qed.
End Derive.

(** [sensitivity] is the partial derivative wherever every activation is differentiable at its argument *)
Theorem sensitivity_is_partial m known g extra tabs : check_equivariance m known g extra = Some tabs ->
  forall sigma slope theta x, slopes_of sigma slope -> regular m sigma theta x -> forall k i, output_entry m k i ->
  forall p, partial_p (F m sigma x k i) p theta = sensitivity m sigma slope theta x k i p.
Proof.
  intros Hc sigma slope theta x Hs Hr k i Hki p. destruct (equivariance_moving _ _ _ _ _ Hc) as [Hm He].
  destruct (checked m known g extra tabs Hm) as (C1 & _). assert (Hl := output_still m tabs He k i Hki).
  unfold partial_p, partial. apply is_derive_unique. unfold F, sensitivity, value, tangent.
  replace (run_tangent m sigma slope theta x) with (run_tangent m sigma slope (upd theta (N.succ_pos p) (theta (N.succ_pos p))) x) by now rewrite upd_self.
  apply (nodes_rule_is_derive m known sigma slope Hs (fun t => upd theta (N.succ_pos p) t) x (ebasis (N.succ_pos p)) (theta (N.succ_pos p)))
    with (g := g) (extra := extra) (tabs := PM.empty _) (tabs' := tabs) (v := fun _ _ _ => 0).
  - intros q. unfold entry. apply is_derive_upd.
  - exact C1.
  - unfold look, get_t. intros j i'. rewrite PM.gempty. easy.
  - rewrite upd_self. exact Hr.
  - unfold look, get_t. intros j i'. rewrite PM.gempty. easy.
  - rewrite Hl. discriminate.
Qed.
